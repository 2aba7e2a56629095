import WorkerHostSQLite

/// Retries or discards dead letters and tells of it as it goes, in memory for one batch.
@MainActor
final class DeadLetterRun {
    private let queue: SQLiteTaskManager?
    private let targets: DeadLetterTargets
    private let wording: DeadLetterWording
    private let output = StandardOutput()
    private var done = 0
    private var refused = 0
    private var isFirst = true

    init(_ targets: DeadLetterTargets, queue: SQLiteTaskManager?, wording: DeadLetterWording) {
        self.queue = queue
        self.targets = targets
        self.wording = wording
    }

    /// What is done with a list of ids, and with all that a filter selects.
    struct Action {
        let ids: @MainActor (SQLiteTaskManager, [String]) async throws -> [DeadLetterOutcome]
        let filter:
            @MainActor (SQLiteTaskManager, DeadLetterFilter, @MainActor ([DeadLetterOutcome]) async throws -> Void)
                async throws -> Void
    }

    /// Does it.
    /// - Throws: ``CommandFailure`` with exit code 1 if something could not be done.
    func callAsFunction(_ action: Action) async throws {
        if targets.json { try output.write("{\"dry_run\":\(targets.dryRun),\"tasks\":[") }
        do {
            if !targets.ids.isEmpty {
                try show(try await outcomes(of: targets.ids, action))
            } else if let queue {
                try await action.filter(queue, try targets.which.filter()) { try self.show($0) }
            }
            try finish()
            await queue?.shutdown()
        } catch let error as SQLiteQueueError {
            // What was done stays done, and is told.
            try finish()
            throw CommandFailure(error)
        }
        if refused > 0 { throw CommandFailure(.failed) }
    }

    private func outcomes(of ids: [String], _ action: Action) async throws -> [DeadLetterOutcome] {
        var seen = Set<String>()
        let unique = ids.filter { seen.insert($0).inserted }
        guard let queue else { return unique.map(DeadLetterOutcome.init(unknown:)) }
        return try await action.ids(queue, unique)
    }

    private func show(_ outcomes: [DeadLetterOutcome]) throws {
        for outcome in outcomes {
            if outcome.isDone { done += 1 } else { refused += 1 }
            if targets.json {
                try output.write(isFirst ? "\n" : ",\n")
                try output.write(wording.json(outcome))
                isFirst = false
            } else if !outcome.isDone {
                Talk.shared.line("workerhost: \(wording.refusal(outcome))")
            } else if targets.dryRun {
                try output.line(wording.plan(outcome))
            }
        }
        try output.flush()
    }

    private func finish() throws {
        if targets.json {
            try output.line("\(isFirst ? "" : "\n")],\"done\":\(done),\"refused\":\(refused)}")
        } else {
            try output.line(wording.summary(done: done, isDryRun: targets.dryRun))
        }
        try output.flush()
    }
}
