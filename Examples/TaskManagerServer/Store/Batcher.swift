import Synchronization

/// Gathers what is asked for while one batch is under way, so that many callers share a transaction.
///
/// A lone caller waits for nobody: it carries out its own batch.
final class Batcher<Input: Sendable, Output: Sendable>: Sendable {
    private struct Waiting: Sendable {
        let input: Input
        let continuation: CheckedContinuation<Output, any Error>
    }

    private struct State {
        var isBusy = false
        var waiting: [Waiting] = []
    }

    private let state = Mutex(State())
    private let perform: @Sendable ([Input]) async throws -> [Output]

    /// - Parameter perform: answers in the order of its inputs.
    init(_ perform: @escaping @Sendable ([Input]) async throws -> [Output]) {
        self.perform = perform
    }

    func callAsFunction(_ input: Input) async throws -> Output {
        let isLeader = state.withLock { state in
            defer { state.isBusy = true }
            return !state.isBusy
        }
        guard isLeader else { return try await wait(input) }
        defer { handOver() }
        return try await perform([input])[0]
    }

    private func wait(_ input: Input) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            let isLate = state.withLock { state in
                state.waiting.append(Waiting(input: input, continuation: continuation))
                // The leader was done before this one had joined.
                defer { state.isBusy = true }
                return !state.isBusy
            }
            if isLate { handOver() }
        }
    }

    /// Lets a task of its own do what has gathered, if there is anything.
    private func handOver() {
        let batch = take()
        guard !batch.isEmpty else { return }
        Task {
            var batch = batch
            while !batch.isEmpty {
                await run(batch)
                batch = take()
            }
        }
    }

    private func take() -> [Waiting] {
        state.withLock { state in
            defer { state.waiting = [] }
            state.isBusy = !state.waiting.isEmpty
            return state.waiting
        }
    }

    private func run(_ batch: [Waiting]) async {
        do {
            let outputs = try await perform(batch.map(\.input))
            for (waiting, output) in zip(batch, outputs) { waiting.continuation.resume(returning: output) }
        } catch {
            for waiting in batch { waiting.continuation.resume(throwing: error) }
        }
    }
}
