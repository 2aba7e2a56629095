import WorkerHostCore
import WorkerHostSQLite

/// What an outbox holds, as JSON and as words.
struct OutboxReport {
    let overview: OutboxOverview
    let path: String
    var now = Timestamp.now

    /// The counts, for `status` and `outbox list`.
    func add(to object: inout JSONObjectText) {
        object.text("path", path)
        object.number("undelivered", overview.undelivered)
        object.number("undelivered_bytes", Int(overview.undeliveredBytes))
        object.seconds("oldest_seconds", overview.oldestStoredAt.map { $0.duration(to: max(now, $0)) })
        object.text("last_error", overview.lastError)
        object.number("rejected", overview.rejected)
        object.number("remembered_failures", overview.remembered)
        object.number("file_bytes", Int(overview.fileSize))
    }

    /// The counts and the entries.
    func json(_ entries: [StoredOutcome]) -> [UInt8] {
        var object = JSONObjectText()
        add(to: &object)
        object.array("entries", entries.map { OutboxEntryText.json($0).finished })
        return object.finished
    }

    /// What is worth telling, for people; none if nothing is.
    func lines(terminal: Terminal) -> [String] {
        var lines: [String] = []
        if overview.undelivered > 0 {
            let age = overview.oldestStoredAt.map { HumanText.duration($0.duration(to: max(now, $0))) } ?? "?"
            lines.append(
                "outbox          \(HumanText.count(overview.undelivered, "outcome")) not delivered "
                    + "(\(HumanText.bytes(overview.undeliveredBytes))), the oldest for \(age)")
            if let error = overview.lastError {
                lines.append("                last error: \(PlainText.singleLine(error))")
            }
        }
        if overview.rejected > 0 {
            let count = Colour.red.paint(HumanText.count(overview.rejected, "outcome"), on: terminal)
            lines.append("refused         \(count) kept: 'workerhost outbox list --rejected'")
        }
        return lines
    }

    /// The entries, one a line.
    func table(_ entries: [StoredOutcome], terminal: Terminal) -> [String] {
        let table = Table(columns: [
            .init("id", isNumeric: true), .init("task"), .init("type", isFlexible: true), .init("outcome"),
            .init("size", isNumeric: true, isOptional: true), .init("age", isNumeric: true),
            .init("tries", isNumeric: true), .init("next try"), .init("last error", isFlexible: true),
        ])
        let rows = entries.map { entry in
            [
                String(entry.id), entry.taskID, entry.taskType, OutboxEntryText.word(entry.outcome),
                HumanText.bytes(Int64(entry.size)),
                HumanText.duration(entry.storedAt.duration(to: max(now, entry.storedAt))),
                String(entry.tries), OutboxEntryText.next(entry, now), entry.lastError ?? "",
            ]
        }
        return table.lines(rows, width: terminal.columns ?? 200, terminal: terminal)
    }

    /// What was done with which entries.
    static func json(_ done: [Int64], named name: String, of ids: [Int64], _ isDryRun: Bool = false) -> [UInt8] {
        var object = JSONObjectText()
        object.flag("dry_run", isDryRun)
        object.array(name, done.map { Array(String($0).utf8) })
        object.array("unknown", ids.filter { !done.contains($0) }.map { Array(String($0).utf8) })
        return object.finished
    }

    /// There are no such entries.
    static func unknown(_ ids: [Int64]) -> CommandFailure {
        let words = ids.map(String.init).joined(separator: ", ")
        return CommandFailure(
            .failed,
            "The outbox has no entry \(words): it was delivered or discarded, or never was. 'workerhost outbox list' "
                + "lists what there is.")
    }
}
