/// The worker that is checked and what it is given.
struct ConformanceSubject: Sendable {
    let configuration: WorkerConfiguration
    let task: ConformanceTask
    /// How it is served: `fork` as oneshot, whose rules its children follow.
    let mode: WorkerConfiguration.Mode

    init(_ configuration: WorkerConfiguration, task: ConformanceTask) {
        self.configuration = configuration
        self.task = task
        mode = configuration.mode == .fork ? .oneshot : configuration.mode
    }

    /// Whether a process serves one task after another until its input ends.
    var isPool: Bool { mode == .pool }

    var isOneshot: Bool { mode == .oneshot }

    /// Whether frames are MessagePack; only a pool has them.
    var isMessagePack: Bool { isPool && configuration.format == .msgpack }

    /// How what the worker writes is cut into frames; nil for a oneshot worker, which writes one document.
    var framing: Framing? { isOneshot ? nil : isMessagePack ? .lengthPrefix : .lines }

    /// What the protocol calls one message in the worker's format, for sentences.
    var frameText: String { isMessagePack ? "a MessagePack frame" : "a line of JSON" }
}
