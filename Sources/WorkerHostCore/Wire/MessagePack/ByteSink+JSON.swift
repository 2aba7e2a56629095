extension ByteSink {
    private static let hexDigits: StaticString = "0123456789abcdef"

    @inline(__always)
    mutating func appendDigits(of value: Int64) {
        if value < 0 { put(0x2D) }
        appendDigits(of: value.magnitude)
    }

    @inline(__always)
    mutating func appendDigits(of value: UInt64) {
        if value < 10 {
            put(0x30 + UInt8(value))
            return
        }
        write(atMost: 20) { target in
            var count = 1
            var rest = value / 10
            while rest > 0 {
                count += 1
                rest /= 10
            }
            rest = value
            var index = count
            while index > 0 {
                index -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                target[index] = 0x30 + UInt8(digit)
                rest = quotient
            }
            return count
        }
    }

    /// A point and the digits of a fraction without zeros at its end, but at least one.
    mutating func appendFraction(millionths: UInt64) {
        put(0x2E)
        var rest = millionths
        repeat {
            put(0x30 + UInt8(rest / 100_000))
            rest = rest % 100_000 * 10
        } while rest > 0
    }

    /// A quote, a backslash or a control character as a JSON string has it.
    mutating func appendEscape(of byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u00")
            put(Self.hexDigits.utf8Start[Int(byte >> 4)])
            put(Self.hexDigits.utf8Start[Int(byte & 15)])
        }
    }
}
