#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// When a pooled process is due to be replaced: after so many tasks, at an age, over a size.
struct PoolRetirement {
    /// Memory is looked at no more often than this.
    private static let memoryInterval = Duration.milliseconds(50)
    /// While a successor is awaited, it is asked for again after this.
    private static let retryInterval = Duration.milliseconds(500)

    private let pid: Int32
    private let maxTasks: Int?
    private let maxMemoryMiB: Int?
    private let maxAge: Duration?
    private var endOfLife: MonotonicTime?
    private var nextMemoryLook: MonotonicTime
    private var hasRunSinceLook = false
    private var isTooBig = false
    private var nextRequest: MonotonicTime?
    /// Tasks that were answered.
    private(set) var replies = 0

    /// - Parameter random: a number in 0..<1, so that processes that began together do not end together.
    init(
        _ settings: PoolSettings, pid: Int32, startedAt: MonotonicTime, random: Double = .random(in: 0..<1)
    ) {
        self.pid = pid
        maxTasks = settings.maxTasks.map { max(1, $0 - Int(Double($0) * 0.1 * random)) }
        maxMemoryMiB = settings.maxMemoryMiB
        maxAge = settings.maxAge.map { $0 * (1 - 0.1 * random) }
        nextMemoryLook = startedAt
    }

    /// Its age counts from here: a start that takes longer than that must not make it old at birth.
    mutating func becameReady(_ now: MonotonicTime) { endOfLife = maxAge.map(now.advanced) }

    mutating func tookReply() {
        replies += 1
        hasRunSinceLook = true
    }

    /// When something may become due without an event.
    var nextLook: MonotonicTime? { nextRequest ?? endOfLife }

    /// Whether the process should be replaced; asked between tasks.
    mutating func isDue(_ now: MonotonicTime) -> Bool {
        if let nextRequest, now < nextRequest { return false }
        let isDue =
            (maxTasks.map { replies >= $0 } ?? false) || (endOfLife.map { now >= $0 } ?? false) || isOverMemory(now)
        nextRequest = isDue ? now.advanced(by: Self.retryInterval) : nil
        return isDue
    }

    private mutating func isOverMemory(_ now: MonotonicTime) -> Bool {
        guard let maxMemoryMiB else { return false }
        guard !isTooBig, hasRunSinceLook, now >= nextMemoryLook else { return isTooBig }
        nextMemoryLook = now.advanced(by: Self.memoryInterval)
        hasRunSinceLook = false
        isTooBig = ProcessTable.residentBytes(of: pid).map { $0 > maxMemoryMiB << 20 } ?? false
        return isTooBig
    }
}
