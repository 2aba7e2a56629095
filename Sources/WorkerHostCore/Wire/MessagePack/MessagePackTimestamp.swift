/// The one extension that MessagePack itself defines: a point in time.
struct MessagePackTimestamp: Hashable {
    /// The extension's type.
    static let type: Int8 = -1

    /// Since 1970-01-01T00:00:00Z; negative before.
    let seconds: Int64
    let nanoseconds: UInt32

    /// Reads the extension's content, of 4, 8 or 12 bytes; nil if it is none.
    init?(_ content: UnsafeBufferPointer<UInt8>) {
        func number(_ range: Range<Int>) -> UInt64 { content[range].reduce(0) { $0 << 8 | UInt64($1) } }
        switch content.count {
        case 4: (seconds, nanoseconds) = (Int64(number(0..<4)), 0)
        case 8:
            let both = number(0..<8)
            (seconds, nanoseconds) = (Int64(both & 0x3_FFFF_FFFF), UInt32(both >> 34))
        case 12: (seconds, nanoseconds) = (Int64(bitPattern: number(4..<12)), UInt32(number(0..<4)))
        default: return nil
        }
        guard nanoseconds < 1_000_000_000 else { return nil }
    }

    /// ISO 8601 in UTC with 3, 6 or 9 digits of fraction, as many as it takes: `2026-01-31T12:00:00.123Z`. Nil outside
    /// the years 0 to 9999, for which there is no such text.
    var text: String? {
        guard -62_167_219_200...253_402_300_799 ~= seconds else { return nil }
        let (days, second) = Self.floored(seconds, by: 86_400)
        let (year, month, day) = Self.date(days)
        let fraction =
            switch nanoseconds {
            case let all where all % 1_000_000 == 0: Self.padded(Int64(all / 1_000_000), 3)
            case let all where all % 1000 == 0: Self.padded(Int64(all / 1000), 6)
            case let all: Self.padded(Int64(all), 9)
            }
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let time =
            "\(Self.padded(second / 3600, 2)):\(Self.padded(second / 60 % 60, 2)):\(Self.padded(second % 60, 2))"
        return "\(date)T\(time).\(fraction)Z"
    }

    /// The Gregorian date so many days after 1970-01-01, by years that begin in March and eras of 400 years.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floored(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func floored(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
