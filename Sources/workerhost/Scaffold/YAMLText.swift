/// Writes texts so that every YAML reader takes them for texts.
enum YAMLText {
    /// Plain words that YAML 1.1 or 1.2 reads as something else.
    private static let others: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]

    /// The text, in double quotes where it could be taken for something else, also in a list in brackets.
    static func scalar(_ text: String) -> String {
        let isPlain =
            text.utf8.first.map { (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2F || $0 == 0x2D } ?? false
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || "._-/".utf8.contains($0)
            }
        if isPlain, text.first != "-" || isOption(text), !others.contains(text.lowercased()) { return text }
        var bytes: [UInt8] = []
        // JSON's quotes and escapes are YAML's.
        JSONObjectText.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `-m`, not `-1` or `-`.
    private static func isOption(_ text: String) -> Bool {
        text.utf8.dropFirst().first.map { (0x61...0x7A).contains($0 | 0x20) } ?? false
    }
}
