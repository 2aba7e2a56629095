import Foundation

/// The words of a command line that is being typed, as the shell hands them over: with their quotes.
struct CompletionWords {
    private let words: [String]

    init(_ words: [String]) {
        self.words = words
    }

    /// The value of `--config`; nil if it is not given.
    var configurationFile: String? {
        for (index, word) in words.enumerated() {
            if word.hasPrefix("--config=") { return Self.path(word.dropFirst("--config=".count)) }
            guard word == "--config" else { continue }
            // bash takes `=` for a word of its own.
            let rest = words[(index + 1)...].drop { $0 == "=" }
            if let value = rest.first { return Self.path(value[...]) }
        }
        return nil
    }

    private static func path(_ word: Substring) -> String {
        var text = ""
        var isEscaped = false
        for character in word {
            if !isEscaped, character == "\\" {
                isEscaped = true
            } else {
                if isEscaped || (character != "'" && character != "\"") { text.append(character) }
                isEscaped = false
            }
        }
        return text.hasPrefix("~/") ? NSHomeDirectory() + text.dropFirst() : text
    }
}
