import WorkerHostCore
import WorkerHostSQLite

/// What a host knows about a task of a remote TaskManager: the outcomes that it keeps, and whether it would run it.
struct OutboxStory: Sendable {
    let taskID: String
    let entries: [OutboxEntryText]
    let remembered: TaskFailure?

    /// Reads it from the outbox.
    /// - Throws: ``CommandFailure``.
    static func load(_ id: String, _ configuration: HostConfiguration) async throws(CommandFailure) -> OutboxStory {
        let found = try await OutboxFactory.withExisting(configuration) { outbox throws(SQLiteQueueError) in
            var entries: [OutboxEntryText] = []
            for entry in try await outbox.entries(ofTask: id) {
                entries.append(OutboxEntryText(entry: entry, report: try await outbox.entry(entry.id)?.report))
            }
            return OutboxStory(
                taskID: id, entries: entries, remembered: try await outbox.rememberedFailure(ofTask: id))
        }
        return found ?? OutboxStory(taskID: id, entries: [], remembered: nil)
    }

    /// One JSON object.
    func json() -> [UInt8] {
        var object = JSONObjectText()
        object.text("id", taskID)
        object.array("outbox", entries.map { $0.json() })
        if let remembered {
            object.object("remembered_failure") {
                $0.text("kind", remembered.kind.name)
                $0.text("type", remembered.type)
                $0.text("message", remembered.message)
            }
        } else {
            object.raw("remembered_failure", nil)
        }
        return object.finished
    }

    /// For people.
    func lines(terminal: Terminal) -> [String] {
        var lines: [String] = []
        for entry in entries { lines += entry.lines(terminal: terminal) + [""] }
        if let remembered {
            lines += [
                "It failed for good: \(PlainText.singleLine(remembered.description))",
                "When the TaskManager hands it out again it fails at once, without being run. 'workerhost outbox forget "
                    + "\(PlainText.singleLine(taskID))' lets it run.", "",
            ]
        }
        guard lines.isEmpty else { return lines.dropLast() }
        return [
            "Nothing about task '\(PlainText.singleLine(taskID))' waits here: what became of it is in the TaskManager, or "
                + "in the log of the host that ran it."
        ]
    }
}
