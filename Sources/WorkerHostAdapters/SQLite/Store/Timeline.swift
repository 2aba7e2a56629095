import GRDB
import WorkerHostCore

/// Writes lines of a task's history. Only inside a write transaction.
enum Timeline {
    static func add(
        _ db: Database, task: Int64, at: Timestamp, attempt: Int, kind: String, message: String
    ) throws {
        try db.cachedStatement(
            sql: "INSERT INTO timeline (task_id, at, attempt, kind, message) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [task, at.microseconds, attempt, kind, message.storable])
    }

    /// The attempt's incidents and, if the task's own row will not keep it, its start.
    static func add(_ db: Database, task: Int64, _ attempt: AttemptRecord, withStart: Bool) throws {
        if withStart, let start = attempt.startedAt {
            try add(
                db, task: task, at: start, attempt: attempt.number, kind: "started",
                message: startMessage(worker: attempt.worker, pid: attempt.pid.map(Int.init)))
        }
        for incident in attempt.incidents {
            try add(
                db, task: task, at: incident.at, attempt: attempt.number, kind: incident.kind,
                message: incident.message)
        }
    }

    static func startMessage(worker: String?, pid: Int?) -> String {
        "worker '\(worker ?? "")'" + (pid.map { ", process \($0)" } ?? "")
    }
}

extension String {
    /// The text without NUL, at which SQLite would cut it.
    var storable: String {
        utf8.contains(0) ? String(map { $0 == "\0" ? "\u{FFFD}" : $0 }) : self
    }
}
