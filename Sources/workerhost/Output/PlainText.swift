/// Makes texts from outside safe and fitting for a terminal or a log.
enum PlainText {
    /// The text without anything that could move a cursor: control characters are shown escaped.
    static func singleLine(_ text: String) -> String {
        escaped(text, keepsLineEnds: false)
    }

    /// Appends the bytes of ``singleLine(_:)``.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        let isPlain = text.withUTF8 { utf8 in
            // Plain ASCII needs no closer look.
            guard utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        if !isPlain { bytes.append(contentsOf: singleLine(text).utf8) }
    }

    /// As ``singleLine(_:)``, but line ends and tabs stay.
    static func multiLine(_ text: String) -> String {
        escaped(text, keepsLineEnds: true)
    }

    /// The text, at most so many columns wide, with `…` where it was cut.
    static func cut(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 0 else { return "" }
        var result = ""
        var used = 0
        for character in text {
            let wide = width(of: character)
            if used + wide > columns - 1 { break }
            result.append(character)
            used += wide
        }
        return result + "…"
    }

    /// How many columns a terminal needs for the text.
    static func width(_ text: String) -> Int {
        text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of character: Character) -> Int {
        guard let first = character.unicodeScalars.first?.value else { return 0 }
        switch first {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        // The C0 and C1 controls, and those that turn the direction of the text around.
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }

    private static func escaped(_ text: String, keepsLineEnds: Bool) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if !isControl(scalar) || (keepsLineEnds && (scalar == "\n" || scalar == "\t")) {
                result.append(scalar)
                continue
            }
            switch scalar {
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            default: result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            }
        }
        return String(result)
    }
}
