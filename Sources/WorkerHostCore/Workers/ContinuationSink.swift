/// Hands one outcome to a waiting task.
final class ContinuationSink: AttemptSink {
    private let continuation: CheckedContinuation<AttemptOutcome, Never>

    init(_ continuation: CheckedContinuation<AttemptOutcome, Never>) {
        self.continuation = continuation
    }

    func attemptEnded(_ outcome: AttemptOutcome) { continuation.resume(returning: outcome) }
}
