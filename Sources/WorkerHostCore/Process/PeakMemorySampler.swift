/// Looks at a process's largest resident memory while it runs, for small processes, whose own peak the kernel hides
/// behind their parent's (see ``ResourceUsage/peakMemory``). Used by the attempt's thread.
final class PeakMemorySampler {
    /// Between two looks, in milliseconds.
    static let interval: Int32 = 10
    private static let leastPause = Duration.milliseconds(2)

    private(set) var bytes: Int64?
    private var lookedAt: MonotonicTime?

    /// Looks, unless it has just looked.
    func look(_ pid: Int32) {
        let now = MonotonicTime.now
        if let lookedAt, lookedAt.duration(to: now) < Self.leastPause { return }
        lookedAt = now
        lookNow(pid)
    }

    /// Looks.
    func lookNow(_ pid: Int32) {
        guard let now = ProcessTable.peakMemory(of: pid) else { return }
        bytes = max(bytes ?? 0, now)
    }
}
