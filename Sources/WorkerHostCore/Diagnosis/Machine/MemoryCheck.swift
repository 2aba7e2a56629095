/// Whether the workers fit into the memory, all slots busy.
struct MemoryCheck {
    let machine: MachineView
    let needs: MachineNeeds
    let groups: ControlGroup

    func run() -> Diagnosis {
        let table = machine.text("/proc/meminfo") ?? ""
        guard let total = Self.value("MemTotal", in: table), let available = Self.value("MemAvailable", in: table)
        else {
            return Diagnosis(.ok, id: "machine.memory", subject: "machine", "the kernel does not tell its memory")
        }
        let bound = groups.memoryBound
        let most = min(total, bound?.most ?? .max)
        let left = min(available, bound.map { max(0, $0.most - $0.used) } ?? .max)
        let swap = Self.value("SwapTotal", in: table) ?? 0
        var facts: [String: Diagnosis.Fact] = [
            "total_bytes": .number(total), "available_bytes": .number(available), "swap_bytes": .number(swap),
            "needed_at_start_bytes": .number(needs.startMemory), "needed_at_most_bytes": .number(needs.mostMemory),
        ]
        if let bound { facts["cgroup_max_bytes"] = .number(bound.most) }
        let slots = DoctorText.count(needs.processes, "process", "processes")
        let place = bound.map { $0.most < total } == true ? "the cgroup's limit is" : "the machine has"
        let lower = "Lower workers[].concurrency"
        if needs.startMemory > left {
            return Diagnosis(
                .problem, id: "machine.memory", subject: "machine",
                "\(slots) at once need \(DoctorText.bytes(needs.startMemory)) right after their start, and "
                    + "\(DoctorText.bytes(left)) are free",
                advice: "\(lower), or give the machine (or the cgroup) more memory: \(culprits(\.peakAfterStart)).",
                facts: facts)
        }
        if needs.mostMemory > most {
            return Diagnosis(
                .warning, id: "machine.memory", subject: "machine",
                "\(slots) at once may use \(DoctorText.bytes(needs.mostMemory)), and \(place) "
                    + "\(DoctorText.bytes(most))",
                advice: "\(lower) or limits.max_memory_mb: \(culprits(\.memoryLimit)).", facts: facts)
        }
        let swapText = swap > 0 ? "\(DoctorText.bytes(swap)) swap" : "no swap"
        let need =
            needs.startMemory > 0 ? "; \(slots) at once need \(DoctorText.bytes(needs.startMemory)) at their start" : ""
        return Diagnosis(
            .ok, id: "machine.memory", subject: "machine",
            "\(DoctorText.bytes(left)) of \(DoctorText.bytes(most)) memory free, \(swapText)\(need)", facts: facts)
    }

    /// The workers that need the most: `'big' 8 × 2 GiB`.
    private func culprits(_ size: (WorkerNeeds) -> Int?) -> String {
        let sorted = needs.workers.filter { (size($0) ?? 0) > 0 }
            .sorted { $0.concurrency * (size($0) ?? 0) > $1.concurrency * (size($1) ?? 0) }
        return sorted.prefix(3).map { "'\($0.name)' \($0.concurrency) × \(DoctorText.bytes(size($0) ?? 0))" }
            .joined(separator: ", ")
    }

    /// A line of `meminfo` in bytes: `MemTotal:       24683656 kB`.
    static func value(_ name: String, in table: String) -> Int? {
        for line in table.split(separator: "\n") where line.hasPrefix("\(name):") {
            return line.dropFirst(name.count + 1).split(separator: " ").first.flatMap { Int($0) }.map { $0 << 10 }
        }
        return nil
    }
}
