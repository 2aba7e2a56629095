#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The limits that the machine really has, against what the configured workers need.
struct MachineChecks {
    let machine: MachineView
    let needs: MachineNeeds
    private static let subject = "machine"

    /// All of them.
    func run() -> [Diagnosis] {
        let groups = ControlGroup(machine)
        return [
            kernel(groups), processTable(), openFiles(), processes(groups),
            MemoryCheck(machine: machine, needs: needs, groups: groups).run(),
            OutOfMemoryCheck(machine: machine, needs: needs, groups: groups).run(), coreFiles(),
        ]
    }

    private func kernel(_ groups: ControlGroup) -> Diagnosis {
        let release = machine.line("/proc/sys/kernel/osrelease") ?? "unknown"
        let facts: [String: Diagnosis.Fact] = [
            "kernel": .text(release), "cgroup_version": .number(groups.unified == nil ? 1 : 2),
            "cgroup_delegated": .flag(groups.isDelegated), "cores": .number(machine.coreCount),
        ]
        let error = machine.processDescriptorError()
        guard error == 0 else {
            return Diagnosis(
                .problem, id: "machine.kernel", subject: Self.subject,
                "the kernel (\(release)) gives no process descriptors (pidfd_open: \(SystemError.reason(error))), "
                    + "without which no worker is started",
                advice: "Use Linux 5.4 or newer; in a sandbox, let its seccomp profile allow pidfd_open and clone with "
                    + "CLONE_PIDFD.", facts: facts)
        }
        let cores = DoctorText.count(machine.coreCount, "core")
        return Diagnosis(
            .ok, id: "machine.kernel", subject: Self.subject, "Linux \(release), \(cores), process descriptors",
            facts: facts)
    }

    private func processTable() -> Diagnosis {
        let isFirst = machine.pid == 1
        let facts: [String: Diagnosis.Fact] = ["pid": .number(Int(machine.pid)), "first_process": .flag(isFirst)]
        guard machine.line("/proc/self/stat")?.contains(")") == true, machine.text("/proc/self/environ") != nil else {
            return Diagnosis(
                .problem, id: "machine.proc", subject: Self.subject,
                "/proc cannot be read: processes that a dead host left behind would not be found",
                advice: "Mount it: mount -t proc proc /proc. A container needs its own.", facts: facts)
        }
        return Diagnosis(
            .ok, id: "machine.proc", subject: Self.subject,
            isFirst ? "/proc can be read; a host that is the first process collects orphans" : "/proc can be read",
            facts: facts)
    }

    private func openFiles() -> Diagnosis {
        let need = UInt64(needs.openFiles)
        let slots = DoctorText.count(needs.processes, "process", "processes")
        guard let limit = machine.limit(.openFiles) else {
            return Diagnosis(
                .ok, id: "machine.open_files", subject: Self.subject, "the limit of open files is not told")
        }
        let facts: [String: Diagnosis.Fact] = [
            "needed": .number(Int(need)), "soft": fact(limit.soft), "hard": fact(limit.hard),
        ]
        if let soft = limit.soft, soft < need {
            let raise =
                limit.hard.map { $0 >= need } ?? true
                ? "Raise the soft limit" : "Raise the limit, the hard one (\(limit.hard ?? 0)) too"
            return Diagnosis(
                .problem, id: "machine.open_files", subject: Self.subject,
                "\(slots) at once need about \(need) open files, and the host may have \(soft)",
                advice: "\(raise): 'ulimit -n \(max(need, 4096))' or LimitNOFILE= of the service. "
                    + "Or lower workers[].concurrency.", facts: facts)
        }
        return Diagnosis(
            .ok, id: "machine.open_files", subject: Self.subject,
            "\(slots) at once need about \(need) open files of \(limit.soft.map { String($0) } ?? "any number")",
            facts: facts)
    }

    private func processes(_ groups: ControlGroup) -> Diagnosis {
        let need = needs.threadsAndProcesses
        // The kernel does not hold root to this limit.
        let limit = machine.user == 0 ? nil : machine.limit(.processes)?.soft
        let bound = groups.processBound
        var facts: [String: Diagnosis.Fact] = ["needed": .number(need), "soft": fact(limit)]
        if let bound {
            facts["cgroup_max"] = .number(bound.most)
            facts["cgroup_used"] = .number(bound.used)
        }
        let what =
            "\(DoctorText.count(needs.processes, "process", "processes")) at once and their threads need about "
            + "\(need) places"
        if let bound, bound.most - bound.used < need {
            return Diagnosis(
                .problem, id: "machine.processes", subject: Self.subject,
                "\(what) in the process table, and the cgroup has \(max(0, bound.most - bound.used)) left "
                    + "(pids.max \(bound.most))",
                advice: "Raise it: TasksMax= of the service, --pids-limit of the container. "
                    + "Or lower workers[].concurrency.", facts: facts)
        }
        if let limit, limit < UInt64(need) {
            return Diagnosis(
                .problem, id: "machine.processes", subject: Self.subject,
                "\(what) in the process table, and user \(machine.user) may have \(limit)",
                advice: "Raise it: 'ulimit -u' or LimitNPROC= of the service. Or lower workers[].concurrency.",
                facts: facts)
        }
        let most = [bound.map { $0.most - $0.used }, limit.map { Int(clamping: $0) }].compactMap { $0 }.min()
        return Diagnosis(
            .ok, id: "machine.processes", subject: Self.subject,
            "\(what) of \(most.map { String($0) } ?? "any number") in the process table", facts: facts)
    }

    private func coreFiles() -> Diagnosis {
        let soft = machine.limit(.coreFile)?.soft
        let isOff = machine.limit(.coreFile).map { $0.soft == 0 } ?? true
        let pattern = machine.line("/proc/sys/kernel/core_pattern") ?? ""
        let facts: [String: Diagnosis.Fact] = ["soft": fact(soft), "core_pattern": .text(pattern)]
        if !isOff, !pattern.isEmpty, !pattern.hasPrefix("|") {
            let place = pattern.hasPrefix("/") ? "'\(pattern)'" : "its project_path ('\(pattern)')"
            return Diagnosis(
                .warning, id: "machine.core_files", subject: Self.subject,
                "a worker that crashes leaves a core file in \(place), as large as its memory; nothing removes them",
                advice: "Set 'ulimit -c 0' or LimitCORE=0 of the service, unless you want them.", facts: facts)
        }
        return Diagnosis(
            .ok, id: "machine.core_files", subject: Self.subject,
            isOff ? "crashes leave no core files" : "core files go to the system's handler", facts: facts)
    }

    private func fact(_ limit: UInt64?) -> Diagnosis.Fact {
        limit.map { .number(Int(clamping: $0)) } ?? .text("unlimited")
    }
}
