import Foundation

/// A regular expression of JSON Schema (JavaScript's dialect), run by ICU.
struct SchemaPattern: Sendable {
    let text: String
    private let expression: NSRegularExpression

    /// Returns nil if the text is no regular expression.
    init?(_ text: String) {
        self.text = text
        do {
            expression = try NSRegularExpression(pattern: Self.translated(text))
        } catch {
            return nil
        }
    }

    /// Whether the expression is found anywhere in the text.
    func matches(_ value: String) -> Bool {
        expression.firstMatch(in: value, range: NSRange(value.startIndex..., in: value)) != nil
    }

    /// Where the two dialects write the same but mean another thing: `\d`, `\w` and `$`, and `[` `&` `-` in classes.
    private static func translated(_ text: String) -> String {
        var result = ""
        var isInClass = false
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                guard let next = rest.popFirst() else { return result + "\\" }
                result += escape(next, isInClass)
            case "[" where isInClass: result += "\\["
            case "[":
                isInClass = true
                result += "["
                if rest.first == "^" { result.append(rest.removeFirst()) }
            case "]" where isInClass:
                isInClass = false
                result += "]"
            case "&" where isInClass: result += "\\&"
            case "-" where isInClass && rest.first == "-":
                rest.removeFirst()
                result += "\\--"
            case "$" where !isInClass: result += "\\z"
            default: result.append(character)
            }
        }
        return result
    }

    private static func escape(_ letter: Character, _ isInClass: Bool) -> String {
        switch letter {
        case "d": isInClass ? "0-9" : "[0-9]"
        case "w": isInClass ? "A-Za-z0-9_" : "[A-Za-z0-9_]"
        case "D": "[^0-9]"
        case "W": "[^A-Za-z0-9_]"
        case "/": "/"
        default: "\\\(letter)"
        }
    }
}
