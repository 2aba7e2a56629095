import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the content of a queue means for a host that is about to start.
struct QueueContentChecks {
    let content: QueueContent
    let configuration: HostConfiguration
    /// What is to be said of the disk; nil if nothing is.
    let storage: Diagnosis?
    private var overview: QueueOverview { content.overview }

    func run() -> [Diagnosis] {
        if let damage = content.damage {
            return [
                finding(
                    .problem, "task_manager.damage", "the queue file '\(overview.path)' is damaged: \(damage)",
                    "Stop all hosts, copy the file with its -wal and -shm, and restore it from a back-up or with "
                        + "'sqlite3 FILE .recover'.")
            ]
        }
        return [queue(), migration(), storage].compactMap { $0 } + hosts() + unknownTypes()
    }

    private func queue() -> Diagnosis {
        let counts = overview.counts
        return finding(
            .ok, "task_manager",
            "\(overview.path) can be read and written; \(counts.pending) waiting, \(counts.running) running, "
                + "\(counts.failed) failed", nil,
            [
                "path": .text(overview.path), "size_bytes": .number(Int(overview.storage.totalSize)),
                "pending": .number(counts.pending), "running": .number(counts.running),
                "failed": .number(counts.failed),
            ])
    }

    private func migration() -> Diagnosis? {
        guard content.needsMigration else { return nil }
        return finding(
            .warning, "task_manager.schema",
            "the queue is of an older version; the next start migrates it, and older "
                + "programs refuse it from then on",
            "Back it up first: sqlite3 \(overview.path) \".backup copy.sqlite\"")
    }

    private func hosts() -> [Diagnosis] {
        let living = overview.hosts.filter { isAlive($0) }
        let dead = overview.hosts.filter { !isAlive($0) }
        var diagnoses: [Diagnosis] = []
        if !living.isEmpty {
            let pids = living.map { String($0.pid) }.joined(separator: ", ")
            let isOne = living.count == 1
            diagnoses.append(
                finding(
                    .ok, "task_manager.hosts",
                    "\(isOne ? "another host is" : "\(living.count) other hosts are") at work "
                        + "on it (process\(isOne ? "" : "es") \(pids)); they share the tasks", nil,
                    ["pids": .list(living.map { String($0.pid) })]))
        }
        if !dead.isEmpty {
            let leased = dead.reduce(0) { $0 + $1.running }
            diagnoses.append(
                finding(
                    .ok, "task_manager.dead_hosts",
                    "\(dead.count == 1 ? "a host" : "\(dead.count) hosts") on its list died and had \(leased) "
                        + "\(leased == 1 ? "task" : "tasks") leased; that comes back after claim_timeout or at the "
                        + "next start", nil, ["pids": .list(dead.map { String($0.pid) }), "leased": .number(leased)]))
        }
        return diagnoses
    }

    /// A silent one may still live, but its pid belongs to nobody when it does not.
    private func isAlive(_ host: QueueOverview.HostOverview) -> Bool {
        kill(host.pid, 0) == 0 || errno == EPERM
    }

    private func unknownTypes() -> [Diagnosis] {
        let own = TaskTypeSelection(configuration.workers.flatMap(\.taskTypes))
        let others = overview.hosts.filter { isAlive($0) }
            .map { TaskTypeSelection(content.selectors[$0.id] ?? []) }
        let fails = configuration.taskManager.unknownTypes == .fail
        return overview.types.filter { $0.waiting + $0.delayed > 0 }
            .filter { type in !own.matches(type.type) && !others.contains { $0.matches(type.type) } }
            .map { type in
                let count = type.waiting + type.delayed
                let nearest = NearestMatch.find(type.type, in: configuration.workers.flatMap(\.taskTypes))
                return finding(
                    fails ? .problem : .warning, "task_manager.unknown_type",
                    "\(count) \(count == 1 ? "task" : "tasks") of type '\(type.type)' "
                        + "\(count == 1 ? "waits" : "wait"), "
                        + "and no worker has that type: "
                        + (fails
                            ? "the next start fails \(count == 1 ? "it" : "them") with no_worker" : "nobody runs it"),
                    "Add '\(type.type)' to the task_types of a worker"
                        + (nearest.map { " (there is '\($0)')" } ?? "")
                        + (fails ? ", or set task_manager.unknown_types: leave." : "."),
                    ["type": .text(type.type), "tasks": .number(count)])
            }
    }

    private func finding(
        _ status: Diagnosis.Status, _ id: String, _ message: String, _ advice: String?,
        _ facts: [String: Diagnosis.Fact] = [:]
    ) -> Diagnosis {
        Diagnosis(
            status, id: id, subject: SQLiteDiagnostician.subject, message, advice: advice, facts: facts)
    }
}
