#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A point in time as microseconds since 1970-01-01T00:00:00Z.
///
/// Used where a time is stored or shown. Deadlines inside the host use the monotonic clock.
public struct Timestamp: Sendable, Hashable, Comparable, Codable {
    /// Microseconds since the Unix epoch.
    public let microseconds: Int64

    /// A time by its microseconds since the Unix epoch.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The wall clock's time.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Seconds since the Unix epoch.
    public var seconds: Double { Double(microseconds) / 1_000_000 }

    /// The time so much later.
    public func advanced(by duration: Duration) -> Timestamp {
        Timestamp(microseconds: microseconds &+ duration.wholeMicroseconds)
    }

    /// How much later `other` is.
    public func duration(to other: Timestamp) -> Duration {
        .microseconds(other.microseconds - microseconds)
    }

    /// Earlier is less.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Timestamp: CustomStringConvertible {
    /// ISO 8601 in UTC with milliseconds, for example `2026-11-23T19:10:56.123Z`.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.mostDigits) { write(to: $0.baseAddress, room: $0.count) }
    }

    /// Appends the same to bytes.
    public func append(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.mostDigits) { buffer in
            let count = write(to: buffer.baseAddress, room: buffer.count)
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    /// A year of 64 bits of microseconds has six digits at most.
    private static let mostDigits = 32

    private func write(to start: UnsafeMutablePointer<UInt8>?, room: Int) -> Int {
        guard let start, room >= Self.mostDigits else { return 0 }
        var seconds = time_t(microseconds / 1_000_000)
        var rest = microseconds % 1_000_000
        if rest < 0 {
            rest += 1_000_000
            seconds -= 1
        }
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var end = start
        func put(_ byte: UInt8) {
            end.pointee = byte
            end += 1
        }
        func digits(_ value: Int, _ width: Int) {
            var width = width
            var limit = 1
            for _ in 0..<width { limit *= 10 }
            while value >= limit {
                limit *= 10
                width += 1
            }
            var value = value
            for place in stride(from: width - 1, through: 0, by: -1) {
                end[place] = 0x30 + UInt8(truncatingIfNeeded: value % 10)
                value /= 10
            }
            end += width
        }
        let year = Int(parts.tm_year) + 1900
        if year < 0 { put(0x2D) }
        digits(abs(year), 4)
        put(0x2D)
        digits(Int(parts.tm_mon) + 1, 2)
        put(0x2D)
        digits(Int(parts.tm_mday), 2)
        put(0x54)
        digits(Int(parts.tm_hour), 2)
        put(0x3A)
        digits(Int(parts.tm_min), 2)
        put(0x3A)
        digits(Int(parts.tm_sec), 2)
        put(0x2E)
        digits(Int(rest / 1000), 3)
        put(0x5A)
        return end - start
    }
}

extension Duration {
    /// The duration in microseconds, cut to whole ones; saturates instead of trapping.
    public var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds < 0 ? .min / 4 : .max / 4 }
        return product &+ attoseconds / 1_000_000_000_000
    }

    /// The duration in seconds.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
