/// Reads Python's %-style formats.
struct LogFormatParser {
    private var rest: Substring
    private var pieces: [LogFormat.Piece] = []
    private var literal = ""

    init(_ text: String) {
        rest = text[...]
    }

    mutating func parse() throws(LogFormatError) -> [LogFormat.Piece] {
        while let character = rest.popFirst() {
            if character != "%" {
                literal.append(character)
            } else if rest.first == "%" {
                rest.removeFirst()
                literal.append("%")
            } else {
                try field()
            }
        }
        flush()
        return pieces
    }

    private mutating func flush() {
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        literal = ""
    }

    private mutating func field() throws(LogFormatError) {
        guard rest.popFirst() == "(", let end = rest.firstIndex(of: ")") else {
            throw LogFormatError(
                "'%' without a field behind it", expectation: "'%(field)s', or '%%' for a percent sign")
        }
        let name = String(rest[..<end])
        rest = rest[rest.index(after: end)...]
        guard let field = LogFormat.Field(rawValue: name) else {
            let names = LogFormat.Field.allCases.map(\.rawValue)
            throw LogFormatError(
                "unknown field '%(\(name))'", expectation: "one of \(names.joined(separator: ", "))",
                suggestion: NearestMatch.find(name, in: names))
        }
        var layout = LogFormat.Layout()
        while let flag = rest.first, "-0+ #".contains(flag) {
            if flag == "-" { layout.isLeftAligned = true }
            if flag == "0" { layout.isZeroFilled = true }
            rest.removeFirst()
        }
        layout.width = number() ?? 0
        if rest.first == "." {
            rest.removeFirst()
            layout.precision = number() ?? 0
        }
        guard let conversion = rest.popFirst(), "sdif".contains(conversion) else {
            throw LogFormatError("the field '%(\(name))' has no type", expectation: "'%(\(name))s' (or d, f)")
        }
        guard layout.width <= 1000 else {
            throw LogFormatError(
                "the field '%(\(name))' is \(layout.width) wide", expectation: "a width of at most 1000")
        }
        layout.conversion = conversion == "i" ? "d" : conversion
        flush()
        pieces.append(.field(field, layout))
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let digit = rest.first, digit.isASCII, digit.isNumber {
            digits.append(digit)
            rest.removeFirst()
        }
        return digits.isEmpty ? nil : Int(digits) ?? Int.max
    }
}
