import WorkerHostCore
import WorkerHostHTTP

/// What a remote TaskManager tells about its tasks, as JSON and for people.
struct RemoteStatusReport {
    /// nil if the TaskManager does not answer.
    let overview: HTTPTaskManagerAPI.Overview?
    let url: String
    let records: [HostRecord]
    /// What waits for the TaskManager; nil if there is no outbox yet.
    let outbox: OutboxReport?

    private static let names = [
        ("pending", "pending"), ("running", "claimed"), ("completed", "completed"), ("failed", "failed"),
    ]

    /// One JSON object.
    func json() -> [UInt8] {
        var object = JSONObjectText()
        if let overview {
            object.object("tasks") {
                for (name, status) in Self.names { $0.number(name, overview.count(status)) }
            }
        }
        object.object("task_manager") {
            $0.text("type", "http")
            $0.text("url", url)
            $0.flag("answers", overview != nil)
            // The API counts nothing: pages are counted, up to a number of them.
            if let overview { $0.number("counted_up_to", overview.limit) }
        }
        if let outbox { object.object("outbox") { outbox.add(to: &$0) } }
        object.array(
            "hosts",
            records.map { record in
                var host = JSONObjectText()
                host.text("id", record.id)
                host.number("pid", Int(record.process.pid))
                HostRecordText(record, now: .now).add(to: &host)
                return host.finished
            })
        return object.finished
    }

    /// The report for people.
    func lines(terminal: Terminal) -> [String] {
        var lines: [String] = []
        if let overview {
            lines = Self.names.map { name, status in
                let count = overview.count(status)
                let text = HumanText.count(count) + (count >= overview.limit ? " or more" : "")
                return "\(name.padding(to: 9))  \(text)"
            }
            lines.append("")
        }
        let answers = overview == nil ? ", which does not answer" : ""
        lines.append("TaskManager     \(PlainText.singleLine(url))\(answers)")
        lines += outbox?.lines(terminal: terminal) ?? []
        lines.append("hosts at work   \(records.isEmpty ? "none of this state_dir" : "")")
        for record in records {
            lines.append("  \(record.id), process \(record.process.pid)")
            lines += HostRecordText(record, now: .now).lines(terminal: terminal)
        }
        return lines
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
