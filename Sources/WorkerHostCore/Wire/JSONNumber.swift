/// A JSON number with all its digits; equal and ordered by value, so that `1`, `1.0` and `10e-1` are the same.
public struct JSONNumber: Sendable {
    /// The number as it was written.
    public let text: String
    private let isNegative: Bool
    /// The digits without zeros at either end; empty for zero.
    private let digits: [UInt8]
    /// The value is the digits as a whole number times ten to this power.
    private let exponent: Int

    /// Takes a number in JSON's notation; any other text is taken for zero.
    public init(_ text: String) {
        self.text = text
        var digits: [UInt8] = []
        var exponent = 0
        var isFraction = false
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        for byte in (parts.first ?? "").utf8 {
            if byte == UInt8(ascii: ".") { isFraction = true }
            guard 0x30...0x39 ~= byte else { continue }
            digits.append(byte)
            if isFraction { exponent -= 1 }
        }
        if parts.count == 2 {
            let limit = 1_000_000_000
            exponent += Int(parts[1]).map { min(limit, max(-limit, $0)) } ?? (parts[1].hasPrefix("-") ? -limit : limit)
        }
        while digits.last == 0x30 {
            digits.removeLast()
            exponent += 1
        }
        self.digits = Array(digits.drop { $0 == 0x30 })
        self.exponent = self.digits.isEmpty ? 0 : exponent
        isNegative = text.hasPrefix("-") && !self.digits.isEmpty
    }

    /// Whether the value has no fraction (`1.0` has none).
    public var isInteger: Bool { exponent >= 0 }

    /// The value, as near as a `Double` can be.
    public var double: Double { Double(text) ?? 0 }

    /// Whether the value is a whole multiple of another. Exact while both have at most 37 digits once they are written
    /// without exponents; beyond that by `Double`.
    public func isMultiple(of other: JSONNumber) -> Bool {
        if digits.isEmpty { return true }
        let scale = min(exponent, other.exponent)
        guard let left = whole(scale), let right = other.whole(scale), right != 0 else {
            return other.double != 0 && double.remainder(dividingBy: other.double) == 0
        }
        return left % right == 0
    }

    /// The value divided by ten to the power of `scale`, without its sign; nil if that is too large.
    private func whole(_ scale: Int) -> Int128? {
        let zeros = exponent - scale
        guard digits.count + zeros <= 37 else { return nil }
        var value: Int128 = 0
        for digit in digits { value = value * 10 + Int128(digit - 0x30) }
        for _ in 0..<zeros { value *= 10 }
        return value
    }
}

extension JSONNumber: Hashable {
    /// Whether both have the same value.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.isNegative == right.isNegative && left.exponent == right.exponent && left.digits == right.digits
    }

    /// Equal values have equal hashes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(isNegative)
        hasher.combine(exponent)
        hasher.combine(digits)
    }
}

extension JSONNumber: Comparable {
    /// Whether the left value is less.
    public static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? right.isLessInMagnitude(than: left) : left.isLessInMagnitude(than: right)
    }

    private func isLessInMagnitude(than other: JSONNumber) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
        let size = digits.count + exponent
        let otherSize = other.digits.count + other.exponent
        return size == otherSize ? digits.lexicographicallyPrecedes(other.digits) : size < otherSize
    }
}
