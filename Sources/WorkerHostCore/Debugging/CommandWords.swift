/// Splits a command line into words as a shell does, and joins words again. Only quoting: no variables, no patterns, no
/// substitution, and no shell ever sees it.
public enum CommandWords {
    /// The words.
    /// - Throws: ``DebuggerError`` for a quote that is not closed, or a backslash at the very end.
    public static func split(_ text: String) throws(DebuggerError) -> [String] {
        var words: [String] = []
        var word: String?
        var rest = text.makeIterator()
        while let character = rest.next() {
            switch character {
            case "'": word = (word ?? "") + (try quoted(&rest, by: character, in: text))
            case "\"": word = (word ?? "") + (try quoted(&rest, by: character, in: text))
            case "\\":
                guard let next = rest.next() else {
                    throw DebuggerError("'\(text)' ends with a backslash: write \\\\ for one, or leave it out")
                }
                word = (word ?? "") + String(next)
            case _ where character.isWhitespace:
                if let complete = word.take() { words.append(complete) }
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words
    }

    /// The words as a shell would take them.
    public static func joined(_ words: [String]) -> String {
        words.map(quote).joined(separator: " ")
    }

    private static func quote(_ word: String) -> String {
        let plain = "%+,-./:=@_"
        if !word.isEmpty, word.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || plain.contains($0) }) {
            return word
        }
        return "'" + word.replacing("'", with: "'\\''") + "'"
    }

    /// What stands between two quotes; a backslash counts within double ones only, and there before `"` and `\`.
    private static func quoted(
        _ rest: inout String.Iterator, by quote: Character, in text: String
    ) throws(DebuggerError) -> String {
        var content = ""
        while let character = rest.next() {
            if character == quote { return content }
            guard quote == "\"", character == "\\" else {
                content.append(character)
                continue
            }
            guard let next = rest.next() else { break }
            if next != "\"", next != "\\" { content.append("\\") }
            content.append(next)
        }
        throw DebuggerError("'\(text)' has a quote (\(quote)) that is not closed")
    }
}
