#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What dead hosts left behind. Only looked at: the next host settles and removes it.
struct Leftovers {
    let stateDirectory: String

    func diagnoses() -> [Diagnosis] {
        // The locks that tell a dead host from a living one are given back at once.
        let dead = AbandonedFlights.find(in: "\(stateDirectory)/hosts").map(\.host)
        let started = dead.reduce(0) { $0 + $1.started.count }
        let processes = LeftoverSweeper(own: .own(hostID: "doctor")).find { _ in true }.filter(\.isOfDeadHost)
        let directories = SmallFile.names(in: "\(stateDirectory)/tmp")
            .filter { !SmallFile.exists("\(stateDirectory)/hosts/\($0).flight") }
        guard !dead.isEmpty || !processes.isEmpty || !directories.isEmpty else { return [] }
        var parts: [String] = []
        if !dead.isEmpty {
            parts.append(
                "the traces of \(DoctorText.count(dead.count, "host that died", "hosts that died")), with "
                    + DoctorText.count(started, "task that ran", "tasks that ran"))
        }
        if !processes.isEmpty {
            let pids = processes.prefix(4).map { String($0.pid) }.joined(separator: ", ")
            parts.append("\(DoctorText.count(processes.count, "process", "processes")) of dead hosts (\(pids))")
        }
        if !directories.isEmpty {
            let count = DoctorText.count(directories.count, "temporary directory", "temporary directories")
            parts.append("\(count) of dead hosts")
        }
        return [
            Diagnosis(
                .ok, id: "state_dir.leftovers", subject: "state_dir",
                "\(parts.joined(separator: ", ")); the next start settles and removes that",
                facts: [
                    "dead_hosts": .list(dead.map(\.id)), "tasks": .number(started),
                    "processes": .list(processes.map { String($0.pid) }), "directories": .number(directories.count),
                ])
        ]
    }
}
