#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a host writes into the environment of its workers, so that a process that was left behind can be told apart
/// from one whose host and task still live. Processes keep it through double forks, `nohup` and sessions of their own.
struct HostMark: Sendable, Hashable {
    static let hostVariable = "WORKERHOST_HOST"
    static let leaseVariable = "WORKERHOST_LEASE"

    /// The host's process.
    let pid: Int32
    /// When that process started, in the kernel's ticks: a pid alone may be used again.
    let startTicks: UInt64
    /// The host's id: several may run in one process.
    let hostID: String

    /// The mark of a host in this process.
    static func own(hostID: String) -> HostMark {
        let pid = getpid()
        return HostMark(pid: pid, startTicks: ProcessTable.startTicks(of: pid) ?? 0, hostID: hostID)
    }

    init(pid: Int32, startTicks: UInt64, hostID: String) {
        self.pid = pid
        self.startTicks = startTicks
        self.hostID = hostID
    }

    init?(text: String) {
        let parts = text.split(separator: ":", maxSplits: 2)
        guard parts.count == 3, let pid = Int32(parts[0]), let ticks = UInt64(parts[1]) else { return nil }
        self.init(pid: pid, startTicks: ticks, hostID: String(parts[2]))
    }

    var text: String { "\(pid):\(startTicks):\(hostID)" }

    /// Whether the host still runs.
    var isAlive: Bool { ProcessTable.startTicks(of: pid) == startTicks }

    /// What marks one attempt's processes.
    static func lease(taskID: String, token: String) -> String { "\(taskID)/\(token)" }
}
