/// Refuses, before the parser sees it, the one thing about aliases that the parser itself cannot bear.
///
/// An alias costs nothing until it is expanded, and expansion is bounded where the tree is built. But the parser hashes
/// every *key*: a key that is an alias of nested aliases takes time that doubles with each alias. Nobody needs one.
enum AliasCheck {
    /// Fewer aliases than this cannot be nested deeply enough to matter.
    private static let harmless = 24

    static func problem(in text: String) -> (origin: SourceNode.Origin, message: String)? {
        var aliases = 0
        var suspect: (Int, Int)?
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            aliases += line.count { $0 == "*" }
            if suspect == nil, let column = complexKey(in: line) { suspect = (number + 1, column) }
        }
        guard aliases > harmless, text.contains("&"), let suspect else { return nil }
        return (
            .file(line: suspect.0, column: suspect.1),
            "a key that is an alias ('*name:'), a list or a mapping is not supported: write a plain key"
        )
    }

    /// The column of what may be a key that is no plain text. May be wrong inside a quoted text, where it does no harm
    /// but in a file with many aliases.
    private static func complexKey(in line: Substring) -> Int? {
        var column = 0
        var before: Character = " "
        var rest = line
        while let character = rest.popFirst() {
            column += 1
            switch character {
            case "?" where " \t[{,-".contains(before) && rest.first?.isWhitespace ?? true: return column
            case "]", "}":
                if rest.drop(while: \.isWhitespace).first == ":" { return column }
            case "*" where !before.isLetter && !before.isNumber:
                let after = rest.drop { !$0.isWhitespace && !",[]{}".contains($0) }
                let name = rest[..<after.startIndex]
                if name.contains(":") || after.drop(while: \.isWhitespace).first == ":" { return column }
            default: break
            }
            before = character
        }
        return nil
    }
}
