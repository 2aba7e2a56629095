/// Looks at eight bytes at once.
enum ByteSearch {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Where the first byte is that a JSON string cannot hold as it is (a quote, a backslash, a control character);
    /// with `ascii` also the first that is not ASCII. `end` if there is none.
    /// - Parameter readable: up to where bytes may be looked at, at least `end`.
    @inline(__always)
    static func special(
        in bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, ascii: Bool, readable: Int
    ) -> Int {
        var index = start
        while end - index >= 8 {
            let found = marks(in: bytes, at: index, ascii: ascii)
            if found != 0 { return index + found.trailingZeroBitCount >> 3 }
            index += 8
        }
        if index == end { return end }
        if readable - index >= 8 {
            // Marks of bytes behind `end` do not count.
            let found = marks(in: bytes, at: index, ascii: ascii) & (1 << UInt64((end - index) * 8) - 1)
            return found == 0 ? end : index + found.trailingZeroBitCount >> 3
        }
        while index < end {
            let byte = bytes[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C || ascii && byte >= 0x80 { return index }
            index += 1
        }
        return end
    }

    /// Eight bytes, of which the first special one has its high bit set; of those behind it some may have by mistake.
    @inline(__always)
    private static func marks(in bytes: UnsafePointer<UInt8>, at index: Int, ascii: Bool) -> UInt64 {
        let word = UInt64(littleEndian: UnsafeRawPointer(bytes + index).loadUnaligned(as: UInt64.self))
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        var found = (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
        found |= (word &- ones &* 0x20) & ~word
        return (ascii ? found | word : found) & highBits
    }

    /// How many bytes the UTF-8 sequence at `index` has; nil if it is none. Over-long forms and surrogates are none.
    @inline(__always)
    static func sequenceLength(in bytes: UnsafePointer<UInt8>, at index: Int, to end: Int) -> Int? {
        let lead = bytes[index]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard end - index >= length, second.contains(bytes[index + 1]) else { return nil }
        for next in 2..<max(2, length) where bytes[index + next] & 0xC0 != 0x80 { return nil }
        return length
    }
}
