import WorkerHostSQLite

/// Adds tasks to the queue and prints their ids.
@MainActor
final class Submission {
    private static let batch = 1000

    let queue: SQLiteTaskManager
    let output: StandardOutput
    let isJSON: Bool
    private let printsIDs: Bool
    /// How many tasks were added or found.
    private(set) var count = 0
    /// Their ids in the order of the lines; empty where ids are printed, and so need not be kept.
    private(set) var ids: [String] = []

    init(queue: SQLiteTaskManager, output: StandardOutput, printsIDs: Bool, isJSON: Bool) {
        self.queue = queue
        self.output = output
        self.printsIDs = printsIDs
        self.isJSON = isJSON
    }

    /// Adds tasks, all or none.
    func add(_ tasks: [NewTask]) async throws {
        let added = try await queue.enqueue(tasks)
        for (task, entry) in zip(tasks, added) {
            count += 1
            if !printsIDs { ids.append(entry.id) }
            if entry.wasDuplicate {
                let key = PlainText.singleLine(task.dedupeKey ?? "")
                Talk.shared.line("workerhost: task \(entry.id) has the dedupe key '\(key)' already; nothing was added.")
            }
            guard printsIDs else { continue }
            if isJSON {
                var line = JSONObjectText()
                line.text("id", entry.id)
                line.flag("duplicate", entry.wasDuplicate)
                try output.write(line.finished)
                try output.line("")
            } else {
                try output.line(entry.id)
            }
        }
    }

    /// Adds all tasks of a source and tells how many lines were bad.
    func add(_ source: TaskSource) async throws -> Int {
        if source.isRereadable { try source.checkAll() }
        while let tasks = try source.nextBatch(of: Self.batch) {
            try await add(tasks)
            // What is in the queue is told at once: whoever feeds a pipe may wait for it.
            try output.flush()
        }
        return source.badLines
    }
}
