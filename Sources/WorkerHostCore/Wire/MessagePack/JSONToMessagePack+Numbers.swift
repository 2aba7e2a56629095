extension JSONToMessagePack {
    /// Writes the number at the position: an integer in its smallest form, anything else as a 64-bit float.
    mutating func number(into sink: inout ByteSink) throws(MessagePackEncodingError) {
        let start = position
        let isNegative = base[position] == 0x2D
        if isNegative { position += 1 }
        let firstDigit = position
        var magnitude: UInt64 = 0
        var overflows = false
        try digits { digit in
            let (product, first) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, second) = product.addingReportingOverflow(UInt64(digit))
            if first || second { overflows = true } else { magnitude = sum }
        }
        if base[firstDigit] == 0x30, position > firstDigit + 1 {
            throw unexpected(base[firstDigit + 1], at: firstDigit + 1)
        }
        if position < end, base[position] == 0x2E || base[position] | 0x20 == 0x65 {
            try decimal(from: start, isNegative, overflows ? nil : magnitude, into: &sink)
            return
        }
        if !overflows, !isNegative {
            Self.write(magnitude, &sink)
        } else if !overflows, magnitude <= UInt64(Int64.max) + 1 {
            Self.write(signed: Int64(truncatingIfNeeded: 0 &- magnitude), &sink)
        } else {
            throw failure(.integer(text(from: start)))
        }
    }

    @inline(__always)
    private mutating func digits(_ body: (UInt8) -> Void) throws(MessagePackEncodingError) {
        let start = position
        while position < end {
            let digit = base[position] &- 0x30
            guard digit < 10 else { break }
            body(digit)
            position += 1
        }
        if position == start {
            throw position < end ? unexpected(base[position], at: position) : failure(.truncated, at: end)
        }
    }

    private func text(from start: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: base + start, count: position - start), as: UTF8.self)
    }

    /// Reads fraction and exponent; `magnitude` is what the digits so far make, nil if that is too much.
    private mutating func decimal(
        from start: Int, _ isNegative: Bool, _ magnitude: UInt64?, into sink: inout ByteSink
    ) throws(MessagePackEncodingError) {
        var digits = magnitude ?? .max
        var exponent = 0
        if base[position] == 0x2E {
            position += 1
            let first = position
            try self.digits { digit in
                // Once it is too large to be exact it stays so.
                digits = digits > 1 << 53 ? .max : digits * 10 + UInt64(digit)
            }
            exponent = first - position
        }
        if position < end, base[position] | 0x20 == 0x65 {
            position += 1
            var isDown = false
            if position < end, base[position] == 0x2B || base[position] == 0x2D {
                isDown = base[position] == 0x2D
                position += 1
            }
            var written = 0
            try self.digits { written = min(written * 10 + Int($0), 1_000_000) }
            exponent += isDown ? -written : written
        }
        var value: Double
        if let exact = Self.exact(digits, exponent) {
            value = exact
        } else {
            value = try parsed(from: isNegative ? start + 1 : start, whole: start)
        }
        if isNegative { value.negate() }
        sink.put(0xCB, value.bitPattern)
    }

    /// The value, if digits and power of ten are both exact as doubles: then one operation rounds right.
    private static func exact(_ digits: UInt64, _ exponent: Int) -> Double? {
        guard digits <= 1 << 53, -22...22 ~= exponent else { return nil }
        return exponent < 0 ? Double(digits) / powersOfTen[-exponent] : Double(digits) * powersOfTen[exponent]
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    private func parsed(from first: Int, whole start: Int) throws(MessagePackEncodingError) -> Double {
        guard let value = Double(text(from: first)), value.isFinite else {
            throw failure(.decimal(text(from: start)))
        }
        return value
    }

    // MARK: Forms

    /// Writes an integer in its smallest form.
    @inline(__always)
    static func write(_ value: UInt64, _ sink: inout ByteSink) {
        switch value {
        case ...0x7F: sink.put(UInt8(value))
        case ...0xFF: sink.put(0xCC, UInt8(value))
        case ...0xFFFF: sink.put(0xCD, UInt16(value))
        case ...0xFFFF_FFFF: sink.put(0xCE, UInt32(value))
        default: sink.put(0xCF, value)
        }
    }

    /// Writes an integer in its smallest form.
    static func write(signed value: Int64, _ sink: inout ByteSink) {
        switch value {
        case 0...: write(UInt64(value), &sink)
        case (-32)...: sink.put(UInt8(bitPattern: Int8(value)))
        case (-0x80)...: sink.put(0xD0, Int8(value))
        case (-0x8000)...: sink.put(0xD1, Int16(value))
        case (-0x8000_0000)...: sink.put(0xD2, Int32(value))
        default: sink.put(0xD3, value)
        }
    }
}
