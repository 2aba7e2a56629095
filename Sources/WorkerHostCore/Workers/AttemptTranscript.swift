/// Everything that can be told about one attempt: what was started, what was said, how it ended, what it cost.
public struct AttemptTranscript: Sendable {
    /// The largest resident memory of an attempt.
    public struct PeakMemory: Sendable, Hashable {
        /// Where the figure comes from.
        public enum Source: String, Sendable, Hashable {
            /// The kernel's own account of the process and the children it waited for.
            case kernel
            /// Looks at the process every 10 ms while it ran; what it allocated after the last one is missing, and so
            /// are its children. Taken where the kernel's account is hidden behind the caller's own memory.
            case sampled
        }

        /// In bytes.
        public let bytes: Int64
        /// Where the figure comes from.
        public let source: Source
    }

    /// The words that were started.
    public let commandLine: [String]
    /// The file behind the first of them.
    public let program: String
    /// Where it was started.
    public let directory: String
    /// The names of the variables it got; no values, which may be secrets.
    public let environmentNames: [String]
    /// The longest it was allowed to run.
    public let timeout: Duration
    /// What was written to standard input, byte for byte.
    public let input: [UInt8]
    /// What came on standard output; empty if it was more than the limit.
    public let output: [UInt8]
    /// How many bytes came on standard output.
    public let outputCount: Int
    /// The reply, byte for byte; nil if there was none.
    public let reply: [UInt8]?
    /// Lines on standard output that are no reply.
    public let strayLines: [String]
    /// The end of standard error; nil if nothing came.
    public let standardErrorTail: String?
    /// How the process ended.
    public let ending: ProcessEnding
    /// Why it was ended, if it did not end by itself.
    public let stopReason: StopReason?
    /// From the start until the outcome was known.
    public let wallTime: Duration
    /// From the start to the first byte on standard output; nil if there was none.
    public let timeToFirstByte: Duration?
    /// nil if the process had ended before anybody could look.
    public let peakMemory: PeakMemory?
    /// The outcome as the host judges it, with the facts that it would report.
    public let outcome: AttemptOutcome
}
