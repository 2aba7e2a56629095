/// Writes command lines that a shell reads as they are meant.
enum ShellText {
    /// The words, each in quotes where it needs them.
    static func line(_ words: [String]) -> String { words.map(word).joined(separator: " ") }

    /// One word.
    static func word(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || "._-/:,+@%=".utf8.contains($0)
            }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
