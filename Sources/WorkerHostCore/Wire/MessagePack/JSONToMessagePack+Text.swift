extension JSONToMessagePack {
    /// Writes the string at the position as a str.
    mutating func string(into sink: inout ByteSink) throws(MessagePackEncodingError) {
        let start = position + 1
        let stop = ByteSearch.special(in: base, from: start, to: end, ascii: false, readable: end)
        if stop < end, base[stop] == 0x22 {
            let count = stop - start
            Self.header(count, &sink)
            sink.append(base + start, count: count, readable: end - start)
            position = stop + 1
            return
        }
        let quote = try closingQuote(from: stop)
        let (base, most) = (base, quote - start)
        // An escape is never shorter than what it stands for: the raw length bounds the header.
        sink.write(atMost: 5 + most) { target in
            let room = Self.headerSize(most)
            let count = Self.unescape(base, start..<quote, to: target + room)
            let size = Self.headerSize(count)
            if size < room { (target + size).update(from: target + room, count: count) }
            Self.writeHeader(count, size, to: target)
            return size + count
        }
        position = quote + 1
    }

    /// Finds the end of a string with escapes, and checks these.
    private func closingQuote(from first: Int) throws(MessagePackEncodingError) -> Int {
        var index = first
        while index < end {
            switch base[index] {
            case 0x22: return index
            case 0x5C:
                guard index + 1 < end else { throw failure(.truncated, at: end) }
                switch base[index + 1] {
                case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: index += 2
                case 0x75:
                    for digit in index + 2..<index + 6 {
                        guard digit < end else { throw failure(.truncated, at: end) }
                        guard Self.hexValue(base[digit]) != nil else { throw unexpected(base[digit], at: digit) }
                    }
                    index += 6
                case let other: throw unexpected(other, at: index + 1)
                }
            case let other: throw unexpected(other, at: index)
            }
            index = ByteSearch.special(in: base, from: index, to: end, ascii: false, readable: end)
        }
        throw failure(.truncated, at: end)
    }

    /// Writes what checked bytes stand for. Half a surrogate pair becomes U+FFFD: UTF-8 has nothing for it.
    /// - Returns: how many bytes were written, at most as many as there were.
    private static func unescape(
        _ base: UnsafePointer<UInt8>, _ range: Range<Int>, to target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var (index, count) = (range.lowerBound, 0)
        while index < range.upperBound {
            let stop = ByteSearch.special(
                in: base, from: index, to: range.upperBound, ascii: false, readable: range.upperBound)
            (target + count).update(from: base + index, count: stop - index)
            count += stop - index
            guard stop < range.upperBound else { break }
            index = stop + 2
            switch base[stop + 1] {
            case 0x62: target[count] = 0x08
            case 0x66: target[count] = 0x0C
            case 0x6E: target[count] = 0x0A
            case 0x72: target[count] = 0x0D
            case 0x74: target[count] = 0x09
            case 0x75:
                index = stop + 6
                var unit = self.unit(base + stop + 2)
                if 0xD800..<0xDC00 ~= unit, range.upperBound - index >= 6, base[index] == 0x5C, base[index + 1] == 0x75
                {
                    let low = self.unit(base + index + 2)
                    if 0xDC00..<0xE000 ~= low {
                        unit = 0x1_0000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                        index += 6
                    }
                }
                let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    target[count] = byte
                    count += 1
                }
                continue
            case let other: target[count] = other
            }
            count += 1
        }
        return count
    }

    private static func unit(_ digits: UnsafePointer<UInt8>) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | UInt32(hexValue(digits[$1]) ?? 0) }
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    // MARK: Headers

    /// Writes the header of a str of so many bytes.
    @inline(__always)
    static func header(_ count: Int, _ sink: inout ByteSink) {
        switch count {
        case ...31: sink.put(0xA0 | UInt8(count))
        case ...0xFF: sink.put(0xD9, UInt8(count))
        case ...0xFFFF: sink.put(0xDA, UInt16(count))
        default: sink.put(0xDB, UInt32(truncatingIfNeeded: count))
        }
    }

    private static func headerSize(_ count: Int) -> Int {
        switch count {
        case ...31: 1
        case ...0xFF: 2
        case ...0xFFFF: 3
        default: 5
        }
    }

    private static func writeHeader(_ count: Int, _ size: Int, to target: UnsafeMutablePointer<UInt8>) {
        target[0] = size == 1 ? 0xA0 | UInt8(count) : size == 2 ? 0xD9 : size == 3 ? 0xDA : 0xDB
        for index in 1..<max(1, size) { target[index] = UInt8(truncatingIfNeeded: count >> (8 * (size - 1 - index))) }
    }
}
