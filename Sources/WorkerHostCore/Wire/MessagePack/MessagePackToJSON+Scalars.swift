extension MessagePackToJSON {
    mutating func integer(
        _ lead: UInt8, _ start: Int, _ sink: inout ByteSink
    ) throws(MessagePackDecodingError) {
        switch lead {
        case 0xCC: try sink.appendDigits(of: UInt64(load(UInt8.self, start)))
        case 0xCD: try sink.appendDigits(of: UInt64(load(UInt16.self, start)))
        case 0xCE: try sink.appendDigits(of: UInt64(load(UInt32.self, start)))
        case 0xCF: try sink.appendDigits(of: load(UInt64.self, start))
        case 0xD0: try sink.appendDigits(of: Int64(load(Int8.self, start)))
        case 0xD1: try sink.appendDigits(of: Int64(load(Int16.self, start)))
        case 0xD2: try sink.appendDigits(of: Int64(load(Int32.self, start)))
        case 0xD3: try sink.appendDigits(of: load(Int64.self, start))
        default: sink.appendDigits(of: Int64(Int8(bitPattern: lead)))
        }
    }

    /// The shortest text that reads as the same float again; a 32-bit float's digits are those of 32 bits.
    func float(_ value: Float, _ start: Int, _ sink: inout ByteSink) throws(MessagePackDecodingError) {
        guard value.isFinite else { throw notFinite(Double(value), start) }
        sink.append(value.description)
    }

    func double(_ value: Double, _ start: Int, _ sink: inout ByteSink) throws(MessagePackDecodingError) {
        let magnitude = value.magnitude
        // Most decimals have few digits. If one of at most 15 digits reads as the value, it is the only such one, and so
        // the shortest; a division of two exact numbers reads it.
        if magnitude >= 0.001, magnitude < 1e9 {
            let millionths = (magnitude * 1e6).rounded()
            if millionths / 1e6 == magnitude {
                if value < 0 { sink.put(0x2D) }
                let (whole, rest) = UInt64(millionths).quotientAndRemainder(dividingBy: 1_000_000)
                sink.appendDigits(of: whole)
                sink.appendFraction(millionths: rest)
                return
            }
        }
        guard value.isFinite else { throw notFinite(value, start) }
        sink.append(value.description)
    }

    private func notFinite(_ value: Double, _ start: Int) -> MessagePackDecodingError {
        failure(.notFinite(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"), at: start)
    }

    /// A str as a JSON string: checked, escaped where it must be.
    mutating func text(
        _ count: Int, _ start: Int, _ sink: inout ByteSink
    ) throws(MessagePackDecodingError) {
        let range = try take(count, start)
        guard count <= most - sink.count else { throw tooLong(start) }
        let stop = range.upperBound
        var index = range.lowerBound
        sink.put(0x22)
        while true {
            let special = ByteSearch.special(in: base, from: index, to: stop, ascii: true, readable: end)
            sink.append(base + index, count: special - index, readable: end - index)
            guard special < stop else { break }
            index = special
            if base[index] < 0x80 {
                sink.appendEscape(of: base[index])
                guard sink.count <= most else { throw tooLong(start) }
                index += 1
                continue
            }
            while index < stop, base[index] >= 0x80 {
                guard let length = ByteSearch.sequenceLength(in: base, at: index, to: stop) else {
                    throw failure(.invalidUTF8, at: start)
                }
                index += length
            }
            sink.append(base + special, count: index - special)
        }
        sink.put(0x22)
    }

    /// A bin as its base64 text, padded.
    mutating func bytes(
        _ count: Int, _ start: Int, _ sink: inout ByteSink
    ) throws(MessagePackDecodingError) {
        let range = try take(count, start)
        guard (count + 2) / 3 * 4 <= most - sink.count else { throw tooLong(start) }
        let base = self.base
        sink.put(0x22)
        sink.write(atMost: (count + 2) / 3 * 4) { target in
            var written = 0
            var index = range.lowerBound
            while index < range.upperBound {
                let left = range.upperBound - index
                var group = UInt32(base[index]) << 16
                if left > 1 { group |= UInt32(base[index + 1]) << 8 }
                if left > 2 { group |= UInt32(base[index + 2]) }
                target[written] = Self.base64Digit(group >> 18)
                target[written + 1] = Self.base64Digit(group >> 12)
                target[written + 2] = left > 1 ? Self.base64Digit(group >> 6) : 0x3D
                target[written + 3] = left > 2 ? Self.base64Digit(group) : 0x3D
                written += 4
                index += 3
            }
            return written
        }
        sink.put(0x22)
    }

    @inline(__always)
    private static func base64Digit(_ bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 63)
        return switch value {
        case ..<26: 0x41 + value
        case ..<52: 0x61 + value - 26
        case ..<62: 0x30 + value - 52
        case 62: 0x2B
        default: 0x2F
        }
    }

    /// An extension: a timestamp, or an error.
    mutating func ext(
        _ count: Int, _ start: Int, _ sink: inout ByteSink
    ) throws(MessagePackDecodingError) {
        let type = Int8(bitPattern: try load(UInt8.self, start))
        let range = try take(count, start)
        guard type == MessagePackTimestamp.type else { throw failure(.extensionType(type), at: start) }
        let content = UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
        guard let text = MessagePackTimestamp(content)?.text else { throw failure(.timestamp, at: start) }
        sink.put(0x22)
        sink.append(text)
        sink.put(0x22)
    }
}
