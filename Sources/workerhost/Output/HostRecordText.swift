import WorkerHostCore

/// What a host has left about itself, for `status`.
struct HostRecordText {
    private let record: HostRecord
    private let now: Timestamp

    init(_ record: HostRecord, now: Timestamp) {
        self.record = record
        self.now = now
    }

    /// Adds the members of the host's JSON object.
    func add(to object: inout JSONObjectText) {
        object.object("configuration") {
            $0.text("file", record.file)
            $0.time("loaded_at", record.loadedAt)
            $0.number("reloads", record.reloads)
            $0.array("at_next_start", record.atNextStart.map(JSONObjectText.string))
            if let refusal = record.refusal {
                $0.object("refused") {
                    $0.time("at", refusal.at)
                    $0.array("reasons", refusal.reasons.map(JSONObjectText.string))
                }
            } else {
                $0.raw("refused", nil)
            }
        }
        object.array("unavailable_workers", record.troubles.map(json))
        object.array("leaving_workers", record.leaving.map(JSONObjectText.string))
    }

    private func json(_ trouble: HostRecord.Trouble) -> [UInt8] {
        var object = JSONObjectText()
        object.text("worker", trouble.worker)
        object.text("reason", trouble.reason)
        object.time("since", trouble.since)
        object.number("failed_probes", trouble.failedProbes)
        object.time("next_probe_at", trouble.nextProbe)
        return object.finished
    }

    /// The lines below the host's own.
    func lines(terminal: Terminal) -> [String] {
        let age = HumanText.duration(record.loadedAt.duration(to: max(now, record.loadedAt)))
        let reloads = record.reloads == 0 ? "" : ", \(HumanText.count(record.reloads, "reload"))"
        var lines = ["    configuration \(PlainText.singleLine(record.file)), loaded \(age) ago\(reloads)"]
        if !record.atNextStart.isEmpty {
            lines.append("    waits for a restart: \(record.atNextStart.joined(separator: ", "))")
        }
        if let refusal = record.refusal {
            let age = HumanText.duration(refusal.at.duration(to: max(now, refusal.at)))
            lines.append(Colour.red.paint("    a changed configuration was refused \(age) ago:", on: terminal))
            lines += refusal.reasons.map { "      \(PlainText.singleLine($0))" }
        }
        for trouble in record.troubles {
            let text = "    worker '\(trouble.worker)' cannot be started: \(PlainText.singleLine(trouble.reason))"
            lines.append(Colour.red.paint(text, on: terminal))
            lines.append("      \(Self.wait(trouble, now))")
        }
        for worker in Set(record.leaving).sorted() {
            lines.append("    worker '\(PlainText.singleLine(worker))' finishes what it ran before a reload")
        }
        return lines
    }

    /// Since when a worker cannot be started, and when the host tries again.
    static func wait(_ trouble: HostRecord.Trouble, _ now: Timestamp) -> String {
        let since = HumanText.duration(trouble.since.duration(to: max(now, trouble.since)))
        let probes =
            trouble.failedProbes == 0 ? "" : ", \(HumanText.count(trouble.failedProbes, "probe")) failed"
        guard let next = trouble.nextProbe, next > now else { return "for \(since)\(probes); a try is under way" }
        return "for \(since)\(probes); the host tries again in \(HumanText.duration(now.duration(to: next)))"
    }
}
