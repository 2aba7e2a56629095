/// A pattern of SQL's LIKE: `%` for any text, `_` for any character; upper and lower case are the same.
struct Like: Sendable {
    private let pattern: [Character]

    init(_ pattern: String) { self.pattern = Array(pattern.lowercased()) }

    func matches(_ text: String) -> Bool {
        let text = Array(text.lowercased())
        var (place, index) = (0, 0)
        // Where to go on after the last `%` when what follows it does not match.
        var retry: (place: Int, index: Int)?
        while place < text.count {
            if index < pattern.count, pattern[index] == "%" {
                retry = (place, index + 1)
                index += 1
            } else if index < pattern.count, pattern[index] == "_" || pattern[index] == text[place] {
                place += 1
                index += 1
            } else if let last = retry {
                retry = (last.place + 1, last.index)
                (place, index) = (last.place + 1, last.index)
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == "%" }
    }
}
