import WorkerHostCore
import WorkerHostHTTP
import WorkerHostSQLite

/// Adds tasks to a remote TaskManager, prints their ids, and waits for them if that is wanted.
@MainActor
final class RemoteSubmission {
    private static let batch = 200
    private static let lookInterval = Duration.seconds(1)
    /// So long a TaskManager that does not answer is waited for: it may be started again just now.
    private static let patience = Duration.seconds(60)

    private let api: HTTPTaskManagerAPI
    private let output: StandardOutput
    private let waits: Bool
    private let isJSON: Bool
    private var ids: [String] = []
    private var count = 0

    init(api: HTTPTaskManagerAPI, output: StandardOutput, waits: Bool, isJSON: Bool) {
        self.api = api
        self.output = output
        self.waits = waits
        self.isJSON = isJSON
    }

    /// Adds one task, or those of a source.
    /// - Throws: ``CommandFailure``.
    func run(_ task: NewTask?, _ source: TaskSource?) async throws {
        var badLines = 0
        do {
            if let task { try await add([task]) }
            if let source {
                if source.isRereadable { try source.checkAll() }
                while let tasks = try source.nextBatch(of: Self.batch) {
                    try await add(tasks)
                    try output.flush()
                }
                badLines = source.badLines
            }
        } catch let error as HTTPError {
            try output.flush()
            throw CommandFailure(.unreachable, "\(error)")
        } catch let error as HTTPTaskManagerError {
            try output.flush()
            throw CommandFailure(.failed, error.description)
        }
        try output.flush()
        let failed = waits ? try await wait() : 0
        await api.close()
        if badLines > 0 {
            throw CommandFailure(
                .usage,
                "\(HumanText.count(badLines, "bad line")) of '\(source?.name ?? "")' left out; "
                    + "\(HumanText.count(count, "task")) submitted.")
        }
        if failed > 0 {
            throw CommandFailure(.failed, "\(HumanText.count(failed, "task")) of \(HumanText.count(count)) failed.")
        }
    }

    private func add(_ tasks: [NewTask]) async throws {
        for task in tasks where task.priority != 0 || task.dedupeKey != nil || task.delay != .zero {
            throw CommandFailure(
                .usage,
                "The TaskManager's API has no priority, dedupe key or delay: leave them out. It never adds two tasks of the "
                    + "same type and params.")
        }
        let added = try await api.add(tasks.map { ($0.type, $0.params) })
        for entry in added {
            count += 1
            if waits { ids.append(entry.id) }
            if entry.wasDuplicate {
                Talk.shared.line(
                    "workerhost: task \(PlainText.singleLine(entry.id)) has the same type and params; nothing was added."
                )
            }
            guard !waits else { continue }
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

    /// Looks at the tasks now and then until each has ended. A task that the server has taken back for another try shows
    /// as failed for a moment; a second look tells.
    private func wait() async throws -> Int {
        var failed = 0
        for (place, id) in ids.enumerated() {
            var seenFailed = 0
            while true {
                guard let task = try await look(at: id, left: ids[place...]) else {
                    throw CommandFailure(.failed, "The TaskManager has no task '\(PlainText.singleLine(id))' any more.")
                }
                seenFailed = task.status == "failed" ? seenFailed + 1 : 0
                if task.status == "completed" || seenFailed == 2 {
                    if task.status == "failed" { failed += 1 }
                    try show(task)
                    break
                }
                try await Task.sleep(for: seenFailed == 1 ? .milliseconds(200) : Self.lookInterval)
            }
            try output.flush()
        }
        return failed
    }

    private func look(at id: String, left: ArraySlice<String>) async throws -> HTTPTaskManagerAPI.ShownTask? {
        let end = ContinuousClock.now + Self.patience
        while true {
            do {
                return try await api.tasks([id]).first ?? nil
            } catch let error {
                let mayPass =
                    (error as? HTTPError)?.isTransient ?? (error as? HTTPTaskManagerError)?.isTransient ?? false
                guard mayPass, ContinuousClock.now < end else {
                    throw CommandFailure(.unreachable, "\(error) \(Self.unseen(left))")
                }
                try await Task.sleep(for: Self.lookInterval)
            }
        }
    }

    /// What was added and not seen to end: the ids are nowhere else yet.
    private static func unseen(_ ids: ArraySlice<String>) -> String {
        let shown = ids.prefix(20).map { PlainText.singleLine($0) }.joined(separator: ", ")
        let more = ids.count > 20 ? " and \(HumanText.count(ids.count - 20)) more" : ""
        return "Added, and not seen to end: \(ids.count == 1 ? "task" : "tasks") \(shown)\(more)."
    }

    private func show(_ task: HTTPTaskManagerAPI.ShownTask) throws {
        if isJSON {
            var line = JSONObjectText()
            line.text("id", task.id)
            line.text("status", task.status)
            if task.status == "completed" {
                line.raw("result", task.result)
            } else {
                line.text("error", task.error ?? "")
            }
            try output.write(line.finished)
            try output.line("")
        } else if task.status == "completed" {
            try output.write(task.result?.bytes ?? [])
            try output.line("")
        } else {
            Talk.shared.line(
                "workerhost: task \(PlainText.singleLine(task.id)) failed: "
                    + PlainText.singleLine(task.error ?? "no reason is known"))
        }
    }
}
