import WorkerHostCore

/// What a reload would change, as JSON and for people.
struct ReloadReport {
    /// The plan for one host, or against one file.
    struct Comparison {
        enum Other {
            case host(HostRecord)
            case file(String)
        }

        let other: Other
        let plan: ReloadPlan
        /// Why a host would refuse the configuration; empty if it would not.
        let problems: [String]
        /// Tasks that wait and that nobody would run, by type.
        let stranded: [(type: String, count: Int)]

        /// - Parameter waiting: how many tasks of each type wait in the queue.
        init(
            with other: Other, from old: HostConfiguration, to new: HostConfiguration,
            waiting: [(type: String, count: Int)] = []
        ) {
            self.other = other
            let before = TaskTypeSelection(old.workers.flatMap(\.taskTypes))
            let after = TaskTypeSelection(new.workers.flatMap(\.taskTypes))
            stranded = waiting.filter { $0.count > 0 && before.matches($0.type) && !after.matches($0.type) }
            plan = ReloadPlan(from: old, to: new)
            problems = plan.problems(in: new)
        }
    }

    let file: String
    let comparisons: [Comparison]

    /// Whether a host would refuse the configuration.
    var isRefused: Bool { comparisons.contains { !$0.problems.isEmpty } }

    /// One JSON object.
    var json: [UInt8] {
        var object = JSONObjectText()
        object.text("file", file)
        object.array("comparisons", comparisons.map(Self.json))
        return object.finished
    }

    private static func json(_ comparison: Comparison) -> [UInt8] {
        var object = JSONObjectText()
        switch comparison.other {
        case .host(let record):
            object.text("host", record.id)
            object.number("pid", Int(record.process.pid))
        case .file(let file): object.text("from", file)
        }
        object.array(
            "workers",
            comparison.plan.workers.map { change in
                var worker = JSONObjectText()
                worker.text("name", change.name)
                worker.text("change", change.kind.rawValue)
                worker.array("settings", change.settings.map(json))
                return worker.finished
            })
        object.flag("reordered", comparison.plan.reordersWorkers)
        object.array("settings", comparison.plan.settings.map(json))
        object.array("at_next_start", comparison.plan.atNextStart.map(json))
        object.array(
            "stranded",
            comparison.stranded.map { type, count in
                var entry = JSONObjectText()
                entry.text("type", type)
                entry.number("waiting", count)
                return entry.finished
            })
        object.array("refused", comparison.problems.map(JSONObjectText.string))
        return object.finished
    }

    private static func json(_ change: SettingChange) -> [UInt8] {
        var object = JSONObjectText()
        object.text("key", change.key)
        object.text("old", change.old)
        object.text("new", change.new)
        return object.finished
    }

    /// The report for people.
    func lines(terminal: Terminal) -> [String] {
        guard !comparisons.isEmpty else {
            return ["No host runs with this state directory. 'config diff --from FILE' compares with another file."]
        }
        var lines: [String] = []
        for comparison in comparisons {
            if !lines.isEmpty { lines.append("") }
            lines.append(Colour.bold.paint(Self.title(comparison), on: terminal))
            lines += Self.changes(comparison.plan).map { sign, text, colour in
                "  \(colour.paint(sign, on: terminal)) \(PlainText.singleLine(text))"
            }
            if comparison.plan.isEmpty { lines.append("  nothing would change") }
            if case .host(let record) = comparison.other, !record.atNextStart.isEmpty {
                let keys = record.atNextStart.joined(separator: ", ")
                lines.append("  \(Colour.red.paint("!", on: terminal)) waits for the host to be started again: \(keys)")
            }
            lines += comparison.stranded.map { type, count in
                let tasks = "\(HumanText.count(count, "task")) of type '\(PlainText.singleLine(type))'"
                return "  \(Colour.red.paint("!", on: terminal)) \(tasks) would be left without a worker"
            }
            for problem in comparison.problems {
                lines.append("  \(Colour.red.paint("refused", on: terminal)): \(PlainText.singleLine(problem))")
            }
        }
        return lines
    }

    private static func title(_ comparison: Comparison) -> String {
        switch comparison.other {
        case .host(let record): "A reload of the host with process \(record.process.pid) (SIGHUP) would change:"
        case .file(let file): "Compared with \(PlainText.singleLine(file)):"
        }
    }

    private static func changes(_ plan: ReloadPlan) -> [(sign: String, text: String, colour: Colour)] {
        var changes: [(String, String, Colour)] = plan.workers.flatMap { change -> [(String, String, Colour)] in
            switch change.kind {
            case .added: [("+", "worker '\(change.name)'", .green)]
            case .removed:
                [("-", "worker '\(change.name)': what runs is finished, its types are no longer leased", .red)]
            case .changed:
                [
                    (
                        "~",
                        "worker '\(change.name)'"
                            + (change.replacesWorker ? ": what runs is finished as it was begun" : ""), .yellow
                    )
                ] + change.settings.map { (" ", "  \($0)", .yellow) }
            }
        }
        if plan.reordersWorkers {
            changes.append(("~", "workers of the same types are tried in another order", .yellow))
        }
        changes += plan.settings.map { ("~", "\($0)", .yellow) }
        changes += plan.atNextStart.map { ("!", "\($0) (not before the host is started again)", .red) }
        return changes
    }
}
