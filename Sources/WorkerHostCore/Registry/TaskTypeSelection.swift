/// A set of task types, written as selectors.
///
/// `Name` selects one type, `Prefix.*` all that begin with `Prefix.`, `*` all. A selector behind `!` takes types out
/// again, whatever else selects them.
public struct TaskTypeSelection: Sendable, Hashable {
    private let exact: Set<String>
    private let prefixes: [String]
    private let excludedExact: Set<String>
    private let excludedPrefixes: [String]

    /// Reads selectors.
    public init(_ selectors: [String]) {
        var exact = Set<String>(), excludedExact = Set<String>()
        var prefixes: [String] = [], excludedPrefixes: [String] = []
        for selector in selectors {
            let isExcluded = selector.hasPrefix("!")
            let pattern = isExcluded ? String(selector.dropFirst()) : selector
            if let prefix = Self.prefix(of: pattern) {
                if isExcluded { excludedPrefixes.append(prefix) } else { prefixes.append(prefix) }
            } else if isExcluded {
                excludedExact.insert(pattern)
            } else {
                exact.insert(pattern)
            }
        }
        self.exact = exact
        self.prefixes = prefixes
        self.excludedExact = excludedExact
        self.excludedPrefixes = excludedPrefixes
    }

    /// Whether the type belongs to the set.
    public func matches(_ type: String) -> Bool {
        guard exact.contains(type) || prefixes.contains(where: { type.hasPrefix($0) }) else { return false }
        return !excludedExact.contains(type) && !excludedPrefixes.contains(where: { type.hasPrefix($0) })
    }

    /// The text that a type must begin with to be selected by a pattern (`A.*` gives `A.`, `*` the empty text);
    /// nil if the selector names one type.
    public static func prefix(of selector: String) -> String? {
        if selector == "*" { return "" }
        return selector.hasSuffix(".*") ? String(selector.dropLast()) : nil
    }
}
