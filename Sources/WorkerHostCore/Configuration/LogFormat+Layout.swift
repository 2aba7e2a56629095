extension LogFormat.Layout {
    /// The value in this layout; a value that is no number is written as it is, whatever the conversion.
    public func apply(to value: String) -> String {
        let text = converted(value)
        let missing = width - text.count
        guard missing > 0 else { return text }
        if isLeftAligned { return text + String(repeating: " ", count: missing) }
        guard isZeroFilled, conversion != "s", Double(text) != nil else {
            return String(repeating: " ", count: missing) + text
        }
        let sign = text.first == "-" ? "-" : ""
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }

    private func converted(_ value: String) -> String {
        switch conversion {
        case "d":
            guard let number = Double(value), number.magnitude < 1e18 else { return value }
            return Int64(value).map(String.init) ?? String(Int64(number))
        case "f":
            guard let number = Double(value), number.magnitude < 1e15 else { return value }
            return Self.fixed(number, digits: min(precision ?? 6, 9))
        default:
            return precision.map { String(value.prefix($0)) } ?? value
        }
    }

    private static func fixed(_ number: Double, digits: Int) -> String {
        var scale: Double = 1
        for _ in 0..<digits { scale *= 10 }
        let whole = number.magnitude.rounded(.towardZero)
        var fraction = ((number.magnitude - whole) * scale).rounded()
        let carried = fraction >= scale
        if carried { fraction -= scale }
        let sign = number < 0 ? "-" : ""
        let head = sign + String(Int64(whole) + (carried ? 1 : 0))
        guard digits > 0 else { return head }
        let tail = String(Int64(fraction))
        return head + "." + String(repeating: "0", count: max(0, digits - tail.count)) + tail
    }
}
