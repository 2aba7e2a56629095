import WorkerHostCore
import WorkerHostSQLite

/// A queue's state as JSON and as a table.
struct StatusReport {
    private let overview: QueueOverview?
    private let path: String
    private let records: [HostRecord]
    private let keep: TaskManagerConfiguration.Retention
    private let silence: Duration
    private let outbox: OutboxReport?
    private let now: Timestamp

    /// A report.
    /// - Parameters:
    ///   - overview: nil if the queue file does not exist yet.
    ///   - keep: how long finished tasks are kept.
    ///   - records: what the hosts of the state directory have left.
    ///   - silence: a host that was not heard of for so long is shown as silent.
    ///   - outbox: what waits for a remote TaskManager; nil if there is no outbox.
    init(
        overview: QueueOverview?, path: String, keep: TaskManagerConfiguration.Retention, records: [HostRecord] = [],
        silence: Duration, outbox: OutboxReport? = nil, now: Timestamp = .now
    ) {
        self.outbox = outbox
        self.overview = overview
        self.path = path
        self.keep = keep
        self.records = records
        self.silence = silence
        self.now = now
    }

    /// One JSON object.
    func json() -> [UInt8] {
        var object = JSONObjectText()
        let counts = overview?.counts ?? TaskCounts()
        object.object("tasks") {
            $0.number("pending", counts.pending)
            $0.number("running", counts.running)
            $0.number("completed", counts.completed)
            $0.number("failed", counts.failed)
        }
        object.number("poison", overview?.poison ?? 0)
        object.seconds("oldest_waiting_seconds", age(overview?.oldestWaiting))
        object.time("next_due_at", overview?.nextDue)
        object.array("types", (overview?.types ?? []).map(json))
        object.array("hosts", (overview?.hosts ?? []).map(json))
        object.object("queue") {
            $0.text("path", overview?.path ?? path)
            $0.flag("exists", overview != nil)
            let storage = overview?.storage
            $0.number("size_bytes", Int(storage?.totalSize ?? 0))
            $0.number("file_bytes", Int(storage?.fileSize ?? 0))
            $0.number("log_bytes", Int(storage?.logSize ?? 0))
            $0.number("free_bytes", Int(storage?.freeBytes ?? 0))
            $0.flag("can_shrink", storage?.canShrink ?? true)
        }
        if let outbox { object.object("outbox") { outbox.add(to: &$0) } }
        object.object("kept") {
            $0.number("tasks", counts.completed + counts.failed)
            $0.time("oldest_created_at", overview?.oldestFinished)
            RetentionText(keep).add(to: &$0)
        }
        return object.finished
    }

    private func json(_ type: QueueOverview.TypeOverview) -> [UInt8] {
        var object = JSONObjectText()
        object.text("type", type.type)
        object.number("waiting", type.waiting)
        object.number("delayed", type.delayed)
        object.number("running", type.running)
        object.number("failed", type.failed)
        object.seconds("oldest_waiting_seconds", age(type.oldestWaiting))
        return object.finished
    }

    private func json(_ host: QueueOverview.HostOverview) -> [UInt8] {
        var object = JSONObjectText()
        object.text("id", host.id)
        object.number("pid", Int(host.pid))
        object.number("running", host.running)
        object.time("started_at", host.startedAt)
        object.time("seen_at", host.seenAt)
        object.flag("silent", isSilent(host))
        if let record = record(of: host) { HostRecordText(record, now: now).add(to: &object) }
        return object.finished
    }

    /// The report for people.
    func lines(terminal: Terminal) -> [String] {
        let counts = overview?.counts ?? TaskCounts()
        var lines = [
            "pending    \(HumanText.count(counts.pending))", "running    \(HumanText.count(counts.running))",
            "completed  \(Colour.green.paint(HumanText.count(counts.completed), on: terminal))",
            "failed     \(paintFailed(counts.failed, terminal))\(poison(terminal))",
        ]
        guard let overview else {
            return lines + ["", "The queue '\(path)' does not exist yet: nothing was submitted."]
        }
        if !overview.types.isEmpty { lines += [""] + types(overview, terminal) }
        lines.append("")
        if let age = age(overview.oldestWaiting) { lines.append("oldest waiting  \(HumanText.duration(age))") }
        if let due = overview.nextDue {
            lines.append("next due        in \(HumanText.duration(now.duration(to: max(now, due))))")
        }
        lines.append("hosts at work   \(overview.hosts.isEmpty ? "none" : "")")
        for host in overview.hosts {
            lines.append("  \(text(host))")
            if let record = record(of: host) { lines += HostRecordText(record, now: now).lines(terminal: terminal) }
        }
        return lines + (outbox?.lines(terminal: terminal) ?? []) + storage(overview)
    }

    private func poison(_ terminal: Terminal) -> String {
        guard let count = overview?.poison, count > 0 else { return "" }
        return ", \(Colour.red.paint(HumanText.count(count), on: terminal)) of them poison: whatever ran them died"
    }

    private func storage(_ overview: QueueOverview) -> [String] {
        let storage = overview.storage
        let log = storage.logSize > 0 ? " + \(HumanText.bytes(storage.logSize)) log" : ""
        let free = storage.freeBytes > 0 ? ", \(HumanText.bytes(storage.freeBytes)) of it free" : ""
        var lines = ["queue           \(overview.path), \(HumanText.bytes(storage.fileSize))\(log)\(free)"]
        if let oldest = overview.oldestFinished, let age = age(oldest) {
            let kept = overview.counts.completed + overview.counts.failed
            let words = RetentionText(keep)
            lines.append(
                "finished tasks  \(HumanText.count(kept)) there, the oldest from \(HumanText.duration(age)) ago")
            lines.append("                completed ones are \(words.completed); failed ones are \(words.failed)")
        }
        if !storage.canShrink, storage.freeBytes > storage.fileSize / 4 {
            lines.append("                'workerhost purge --compact' gives the free space back")
        }
        return lines
    }

    private func types(_ overview: QueueOverview, _ terminal: Terminal) -> [String] {
        let table = Table(columns: [
            .init("type", isFlexible: true), .init("waiting", isNumeric: true),
            .init("delayed", isNumeric: true, isOptional: true),
            .init("running", isNumeric: true), .init("failed", isNumeric: true, colour: { $0 == "0" ? nil : .red }),
            .init("oldest", isNumeric: true, isOptional: true),
        ])
        let rows = overview.types.map { type in
            [
                type.type, HumanText.count(type.waiting), HumanText.count(type.delayed), HumanText.count(type.running),
                HumanText.count(type.failed), age(type.oldestWaiting).map(HumanText.duration) ?? "",
            ]
        }
        return table.lines(rows, width: terminal.columns, terminal: terminal)
    }

    private func text(_ host: QueueOverview.HostOverview) -> String {
        let since = HumanText.duration(host.startedAt.duration(to: now))
        let silent = isSilent(host) ? "; not heard of for \(HumanText.duration(host.seenAt.duration(to: now)))" : ""
        return "process \(host.pid), \(HumanText.count(host.running, "task")) leased, up for \(since)\(silent)"
    }

    private func record(of host: QueueOverview.HostOverview) -> HostRecord? { records.first { $0.id == host.id } }

    private func isSilent(_ host: QueueOverview.HostOverview) -> Bool { host.seenAt.duration(to: now) > silence }

    private func age(_ time: Timestamp?) -> Duration? { time.map { $0.duration(to: max(now, $0)) } }

    private func paintFailed(_ count: Int, _ terminal: Terminal) -> String {
        let text = HumanText.count(count)
        return count == 0 ? text : Colour.red.paint(text, on: terminal)
    }
}
