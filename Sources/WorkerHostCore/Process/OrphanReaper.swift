#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Collects orphans for a host that is the first process of a container: what a worker left behind becomes its child,
/// and nobody else takes the exit status. Blocking: for dedicated threads.
///
/// Lanes collect their own processes within moments. Only a zombie that was there at the look before, a second or more
/// ago, is an orphan: no status is ever taken from a lane.
struct OrphanReaper: Sendable {
    private let pid: Int32
    private var seen: Set<Int32> = []

    init(pid: Int32 = getpid()) {
        self.pid = pid
    }

    /// Whether orphans become children of this process at all.
    var isNeeded: Bool { pid == 1 }

    /// Collects the orphans that were there before.
    /// - Returns: whether another look is needed.
    mutating func reap() -> Bool {
        let zombies = Set(ProcessTable.zombieChildren(of: pid))
        for zombie in zombies.intersection(seen) {
            var status: Int32 = 0
            _ = waitpid(zombie, &status, WNOHANG)
        }
        seen = zombies.subtracting(seen)
        return !seen.isEmpty
    }
}
