import WorkerHostCore

/// Gathers the answers of requests that were sent together, and resumes who waits for them once.
final class AnswerWaiter: TransferSink {
    typealias Answers = [Result<HTTPResponse, HTTPError>]

    private struct State {
        var answers: [Result<HTTPResponse, HTTPError>?]
        var missing: Int
        var continuation: CheckedContinuation<Answers, Never>?
    }

    private let state: Guarded<State>

    init(count: Int) {
        state = Guarded(State(answers: Array(repeating: nil, count: count), missing: count))
    }

    /// Called before the requests are sent.
    func wait(_ continuation: CheckedContinuation<Answers, Never>) {
        state.withLock { $0.continuation = continuation }
    }

    func ended(_ outcomes: [TransferOutcome]) {
        let finished = state.withLock { state -> (CheckedContinuation<Answers, Never>, Answers)? in
            for outcome in outcomes where state.answers[outcome.tag] == nil {
                state.answers[outcome.tag] = outcome.result
                state.missing -= 1
            }
            guard state.missing == 0, let continuation = state.continuation.take() else { return nil }
            return (continuation, state.answers.compactMap { $0 })
        }
        if let (continuation, answers) = finished { continuation.resume(returning: answers) }
    }
}
