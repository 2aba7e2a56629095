import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Nanoseconds of the monotonic clock: what timers are set by, so that no step of the wall clock moves them.
enum MonotonicTime {
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// The time so much later; a negative duration means now, an endless one never.
    static func after(_ duration: Duration) -> UInt64 {
        let microseconds = UInt64(max(0, duration.wholeMicroseconds))
        let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : now.addingReportingOverflow(nanoseconds).overflow ? .max : now &+ nanoseconds
    }

    /// A duration for `poll`, rounded up; -1 without a deadline.
    static func pollTimeout(until deadline: UInt64?, now: UInt64) -> Int32 {
        guard let deadline, deadline != .max else { return -1 }
        guard deadline > now else { return 0 }
        return Int32(min((deadline - now + 999_999) / 1_000_000, 3_600_000))
    }
}
