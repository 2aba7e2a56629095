/// Reads numbers the way YAML and JSON files write them.
enum NumberText {
    /// Whether the text is a decimal number (with `_` between digits, as YAML 1.1 allows), or YAML's infinity or NaN.
    static func isNumber(_ text: String) -> Bool {
        if [".inf", "-.inf", "+.inf", ".nan", ".Inf", "-.Inf", ".NaN"].contains(text) { return true }
        return canonical(text) != nil
    }

    /// The number as JSON writes it, digits kept exactly; nil if the text is no decimal number.
    static func canonical(_ text: String) -> String? {
        var rest = Substring(text)
        var result = ""
        if rest.first == "-" || rest.first == "+" {
            if rest.removeFirst() == "-" { result = "-" }
        }
        let (mantissa, exponent) = split(rest)
        let parts = mantissa.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = digits(parts[0]), parts.count == 1 || !(parts[0].isEmpty && parts[1].isEmpty) else {
            return nil
        }
        guard parts.count == 2 || !whole.isEmpty else { return nil }
        let trimmed = whole.drop { $0 == "0" }
        result += trimmed.isEmpty ? "0" : String(trimmed)
        if parts.count == 2 {
            guard let fraction = digits(parts[1]) else { return nil }
            result += "." + (fraction.isEmpty ? "0" : fraction)
        }
        guard let exponent else { return result }
        var digitsOnly = exponent
        if digitsOnly.first == "-" || digitsOnly.first == "+" { digitsOnly.removeFirst() }
        guard !digitsOnly.isEmpty, digitsOnly.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return result + "e" + exponent
    }

    private static func split(_ text: Substring) -> (mantissa: Substring, exponent: Substring?) {
        guard let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) else { return (text, nil) }
        return (text[..<mark], text[text.index(after: mark)...])
    }

    /// The digits without the `_` between them; nil if anything else stands there.
    private static func digits(_ text: Substring) -> String? {
        guard text.first != "_", text.last != "_", text.allSatisfy({ $0 == "_" || ($0.isASCII && $0.isNumber) }) else {
            return nil
        }
        return text.filter { $0 != "_" }
    }
}
