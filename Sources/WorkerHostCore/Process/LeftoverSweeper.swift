import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Finds and ends processes that workers left behind: of tasks that are over, and of hosts that died.
///
/// The group kill at a task's end takes everything that stayed in its process group. This takes what escaped from
/// it, by the mark in its environment. What has cleared its environment is out of reach. Forked without an exec, a process
/// shows its template's mark: the template knows when it had which children, and judges by when the process began.
struct LeftoverSweeper: Sendable {
    /// A process that was ended.
    struct Leftover: Sendable, Hashable {
        let pid: Int32
        /// The attempt it belonged to.
        let lease: String
        /// Whether its host had died.
        let isOfDeadHost: Bool
    }

    let own: HostMark
    /// Judges a process under the mark of one that forks others; nil for any other mark.
    var judgeForked: @Sendable (_ mark: String, _ pid: Int32) -> Bool? = { _, _ in nil }

    /// Looks through all processes of this user in this pid namespace and ends what is left over.
    /// - Parameter isCurrent: whether the attempt still runs.
    func sweep(isCurrent: (String) -> Bool) -> [Leftover] {
        find(isCurrent: isCurrent).filter { end($0, isCurrent) }
    }

    /// As ``sweep(isCurrent:)``, but leaves alone what other hosts left behind.
    func sweepOwn(isCurrent: (String) -> Bool) {
        for leftover in find(isCurrent: isCurrent) where !leftover.isOfDeadHost { _ = end(leftover, isCurrent) }
    }

    /// Only looks.
    func find(isCurrent: (String) -> Bool) -> [Leftover] {
        let namespace = ProcessTable.namespace(of: getpid())
        return ProcessTable.pids().compactMap { pid in
            guard let leftover = judge(pid, isCurrent), ProcessTable.namespace(of: pid) == namespace else { return nil }
            return leftover
        }
    }

    private func judge(_ pid: Int32, _ isCurrent: (String) -> Bool) -> Leftover? {
        guard pid > 1, pid != own.pid, isOwnUsers(pid) else { return nil }
        let names = [HostMark.hostVariable, HostMark.leaseVariable]
        guard let variables = ProcessTable.environment(of: pid, names: names),
            let mark = variables[HostMark.hostVariable].flatMap({ HostMark(text: $0) }),
            let lease = variables[HostMark.leaseVariable]
        else { return nil }
        if mark == own {
            return judgeForked(lease, pid) ?? isCurrent(lease)
                ? nil : Leftover(pid: pid, lease: lease, isOfDeadHost: false)
        }
        return mark.isAlive ? nil : Leftover(pid: pid, lease: lease, isOfDeadHost: true)
    }

    /// Kills by a pidfd that was opened before the last look, so that never another process is hit.
    private func end(_ leftover: Leftover, _ isCurrent: (String) -> Bool) -> Bool {
        let descriptor = wh_pidfd_open(leftover.pid)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard judge(leftover.pid, isCurrent) == leftover else { return false }
        return wh_pidfd_kill(descriptor) == 0
    }

    private func isOwnUsers(_ pid: Int32) -> Bool {
        var status = stat()
        return stat("/proc/\(pid)", &status) == 0 && status.st_uid == geteuid()
    }
}
