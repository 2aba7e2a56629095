/// Whom the kernel ends when memory runs out.
struct OutOfMemoryCheck {
    /// What a worker with a memory limit adds to its score (see ``Launcher``).
    private static let workerScore = 500

    let machine: MachineView
    let needs: MachineNeeds
    let groups: ControlGroup

    func run() -> Diagnosis {
        let score = machine.line("/proc/self/oom_score_adj").flatMap { Int($0) } ?? 0
        let unlimited = needs.workers.filter { $0.memoryLimit == nil }.map(\.name)
        var facts: [String: Diagnosis.Fact] = [
            "oom_group": .flag(groups.killedAsAWhole != nil), "oom_score_adj": .number(score),
            "workers_without_limit": .list(unlimited),
        ]
        if let group = groups.killedAsAWhole {
            facts["oom_group_directory"] = .text(group)
            return Diagnosis(
                .warning, id: "machine.out_of_memory", subject: "machine",
                "when memory runs out, the kernel kills host and workers together (memory.oom.group is 1 in \(group))",
                advice: "With systemd: OOMPolicy=continue; in Kubernetes: singleProcessOOMKill: true of the kubelet. "
                    + "Limits of the workers (limits.max_memory_mb) keep it from coming so far.", facts: facts)
        }
        if score >= Self.workerScore {
            return Diagnosis(
                .warning, id: "machine.out_of_memory", subject: "machine",
                "when memory runs out, the kernel takes the host before its workers (oom_score_adj is \(score))",
                advice: "Lower it: OOMScoreAdjust=0 of the service. Workers with limits.max_memory_mb have "
                    + "\(Self.workerScore).", facts: facts)
        }
        let rest =
            unlimited.isEmpty
            ? "the workers go before the host"
            : "without limits.max_memory_mb it is as likely the host as \(DoctorText.list(unlimited))"
        return Diagnosis(
            .ok, id: "machine.out_of_memory", subject: "machine",
            "when memory runs out, the kernel kills one process; \(rest)", facts: facts)
    }
}
