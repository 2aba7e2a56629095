#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A moment on the monotonic clock: for deadlines inside the host, untouched by changes of the wall clock.
package struct MonotonicTime: Sendable, Hashable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Saturates, so that a deadline of "never" stays in the future.
    package func advanced(by duration: Duration) -> MonotonicTime {
        let (product, overflowed) = duration.wholeMicroseconds.multipliedReportingOverflow(by: 1000)
        let (sum, overflowedSum) = nanoseconds.addingReportingOverflow(product)
        return MonotonicTime(nanoseconds: overflowed || overflowedSum ? .max : sum)
    }

    package func duration(to other: MonotonicTime) -> Duration {
        .nanoseconds(other.nanoseconds &- nanoseconds)
    }

    /// Milliseconds until then for `poll`, rounded up so that a wake-up is never early; at most a day.
    package func pollMilliseconds(from now: MonotonicTime) -> Int32 {
        let rest = nanoseconds &- now.nanoseconds
        if rest <= 0 { return 0 }
        return Int32(min((rest - 1) / 1_000_000 + 1, 86_400_000))
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
