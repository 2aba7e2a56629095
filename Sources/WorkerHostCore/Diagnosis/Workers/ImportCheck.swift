/// What the try of a worker's import means.
struct ImportCheck {
    /// Memory that is allocated right after the import, as a part of the limit, from which on it is named.
    private static let largeShare = 0.7
    /// A start-up that every task pays, from which on it is named.
    private static let longStartUp = 2.0
    /// What a single import takes, in seconds, from which on it is named.
    private static let namedImport = 0.1

    let examination: WorkerExamination
    let entry: PythonEntry
    let deadline: Duration

    func run(_ outcome: ImportProbe.Outcome) -> [Diagnosis] {
        switch outcome {
        case .notStarted(let reason):
            return [finding(.problem, "import", "the import could not be tried: \(reason)", nil)]
        case .died(let ended, let lastLine): return [died(ended, lastLine)]
        case .flooded:
            let limit = DoctorText.bytes(examination.worker.limits.maxReplyBytes)
            return [
                finding(
                    .problem, "output_at_import",
                    "writes more than \(limit) to standard output when it is imported, which is for replies",
                    "Print to standard error (print(…, file=sys.stderr)): such a task fails.")
            ]
        case .report(let report, let strayLines, let startedAt):
            if let reason = report.unsupported {
                return [
                    finding(.ok, "import", "the import was not tried: it is Python \(report.python), \(reason)", nil)
                ]
            }
            var diagnoses = [imported(report, startedAt)]
            if !strayLines.isEmpty { diagnoses.append(stray(strayLines)) }
            guard report.failure == nil else { return diagnoses }
            return diagnoses
                + [function(report), idle(report), memory(report), startUp(report, startedAt), requirements(report)]
                .compactMap { $0 }
        }
    }

    private func imported(_ report: ImportReport, _ startedAt: MonotonicTime) -> Diagnosis {
        if let failure = report.failure { return ImportFailureText(self, report, failure).diagnosis }
        let memory = report.peakMemory.map { ", \(DoctorText.bytes($0))" } ?? ""
        let time = DoctorText.duration(.milliseconds(Int64(startUpSeconds(report, startedAt) * 1000)))
        // A worker without a guard is as good as any other; but what was not tried is to be known.
        let only =
            report.onlyImports
            ? "; it has no __main__ guard, so only its imports were tried and its work was not run" : ""
        return finding(.ok, "import", "\(entry.name) starts in \(time)\(memory)\(only)", nil, facts(report, startedAt))
    }

    private func facts(_ report: ImportReport, _ startedAt: MonotonicTime) -> [String: Diagnosis.Fact] {
        var facts: [String: Diagnosis.Fact] = [
            "python": .text(report.python), "only_imports": .flag(report.onlyImports),
            "import_seconds": .seconds(report.importSeconds),
            "start_up_seconds": .seconds(startUpSeconds(report, startedAt)),
        ]
        if let peak = report.peakMemory { facts["peak_memory_bytes"] = .number(peak) }
        if let memory = report.allocatedMemory { facts["allocated_bytes"] = .number(memory) }
        if let origin = report.origin { facts["file"] = .text(origin) }
        if let slowest = report.slowest {
            facts["slowest_import"] = .text(slowest.name)
            facts["slowest_import_seconds"] = .seconds(slowest.seconds)
        }
        return facts
    }

    /// From the start of the process to the end of the import; the probe's own preparations are not in it.
    private func startUpSeconds(_ report: ImportReport, _ startedAt: MonotonicTime) -> Double {
        let interpreter = report.begun - Double(startedAt.nanoseconds) / 1e9
        return max(0, interpreter) + report.importSeconds
    }

    private func died(_ ended: Ended, _ lastLine: String?) -> Diagnosis {
        let said = lastLine.map { ": \($0)" } ?? ""
        let limit = examination.worker.limits.maxMemoryMiB
        if let limit, Self.speaksOfMemory(lastLine) {
            return finding(
                .problem, "import", "\(limit) MiB (limits.max_memory_mb) are not enough to start its Python\(said)",
                "Raise limits.max_memory_mb.")
        }
        switch ended {
        case .stopped, .unkillable, .unknown:
            return finding(
                .problem, "import",
                "the import of \(entry.name) was not done after \(DoctorText.duration(deadline)) and was ended\(said)",
                "Each task would wait for it. Move the work under 'if __name__ == \"__main__\":'; if it really takes "
                    + "so long, give the doctor more time with --timeout.")
        case .signaled(let signal):
            let memory = limit.map { " With limits.max_memory_mb (\($0)) it may be want of memory." } ?? ""
            return finding(
                .problem, "import",
                "Python was ended by \(SignalName.of(signal)) during the import of \(entry.name)\(said)",
                "Mostly a package with machine code that does not fit this machine: install it anew.\(memory)")
        case .exited(let code):
            return finding(
                .problem, "import",
                "Python ended with exit code \(code) before the import of \(entry.name) was done\(said)",
                "Try it by hand: \(byHand)")
        case .notStarted(let error): return finding(.problem, "import", "\(error)", nil)
        }
    }

    private func stray(_ lines: [String]) -> Diagnosis {
        let count = DoctorText.count(lines.count, "line")
        return finding(
            .warning, "output_at_import",
            "writes \(count) to standard output when it is imported, which is for replies; the first: "
                + "'\(lines[0].prefix(120))'",
            "Print to standard error (print(…, file=sys.stderr)) or use logging: the host passes such lines to its "
                + "log, with a warning for each task.", ["lines": .list(Array(lines.prefix(20)))])
    }

    private func function(_ report: ImportReport) -> Diagnosis? {
        guard report.hasFunction == false, let name = examination.worker.function else { return nil }
        let nearest = NearestMatch.find(name, in: report.functions).map { "; did you mean '\($0)'?" } ?? ""
        return finding(
            .warning, "function", "\(entry.name) has no function '\(name)'\(nearest)",
            "Correct workers[].function, unless the module takes the word in another way.",
            ["functions": .list(report.functions)])
    }

    private func idle(_ report: ImportReport) -> Diagnosis? {
        guard report.isIdle else { return nil }
        return finding(
            .problem, "idle",
            "\(entry.name) only defines functions, and nothing calls them: it would end without a reply",
            "Add at its end: if __name__ == \"__main__\": and the call that reads the task and prints the reply.")
    }

    private func memory(_ report: ImportReport) -> Diagnosis? {
        guard let limit = examination.worker.limits.maxMemoryMiB, let used = report.allocatedMemory else { return nil }
        let share = Double(used) / Double(limit << 20)
        guard share >= Self.largeShare else { return nil }
        return finding(
            .warning, "memory",
            "has allocated \(DoctorText.bytes(used)) of its \(limit) MiB (limits.max_memory_mb) right after the import",
            "Raise limits.max_memory_mb: what is left may not be enough for a task.",
            ["allocated_bytes": .number(used), "limit_bytes": .number(limit << 20)])
    }

    private func startUp(_ report: ImportReport, _ startedAt: MonotonicTime) -> Diagnosis? {
        let seconds = startUpSeconds(report, startedAt)
        let timeout = examination.worker.timeout.inSeconds
        guard seconds >= Self.longStartUp || seconds >= timeout / 4 else { return nil }
        let slowest = report.slowest.flatMap { item in
            item.seconds >= Self.namedImport
                ? ", \(DoctorText.duration(.milliseconds(Int64(item.seconds * 1000)))) of it for '\(item.name)'" : nil
        }
        let time = DoctorText.duration(.milliseconds(Int64(seconds * 1000)))
        return finding(
            .warning, "start_up", "each task waits \(time) until the module is imported\(slowest ?? "")",
            "Import what is rarely needed inside the function that needs it; 'python -X importtime' lists what takes "
                + "long. It counts against workers[].timeout "
                + "(\(DoctorText.duration(examination.worker.timeout))).", facts(report, startedAt))
    }

    private func requirements(_ report: ImportReport) -> Diagnosis? {
        guard !report.missingRequirements.isEmpty || !report.otherVersions.isEmpty else { return nil }
        var parts: [String] = []
        if !report.missingRequirements.isEmpty {
            parts.append("does not have \(DoctorText.list(report.missingRequirements))")
        }
        if !report.otherVersions.isEmpty {
            parts.append("has \(report.otherVersions.prefix(4).joined(separator: "; "))")
        }
        return finding(
            .warning, "requirements", "\(parts.joined(separator: ", and ")) of requirements.txt",
            "\(entry.interpreter) -m pip install -r \(examination.worker.projectPath)/requirements.txt",
            ["missing": .list(report.missingRequirements), "other_versions": .list(report.otherVersions)])
    }

    /// How a person tries the import.
    var byHand: String {
        switch entry.target {
        case .module(let name):
            "cd \(examination.worker.projectPath) && \(entry.interpreter) -c 'import \(name)'"
        case .script(let path): "cd \(examination.worker.projectPath) && \(entry.interpreter) -m py_compile \(path)"
        }
    }

    static func speaksOfMemory(_ text: String?) -> Bool {
        guard let text else { return false }
        return [
            "MemoryError", "Cannot allocate memory", "memory allocation", "failed to map", "cannot map",
            "out of memory",
        ]
        .contains { text.contains($0) }
    }

    func finding(
        _ status: Diagnosis.Status, _ id: String, _ message: String, _ advice: String?,
        _ facts: [String: Diagnosis.Fact] = [:]
    ) -> Diagnosis {
        examination.diagnosis(status, id, message, advice: advice, facts: facts)
    }
}
