import Foundation

/// JSON Pointers (RFC 6901).
enum JSONPointer {
    static func escaped(_ token: String) -> String {
        token.contains("~") || token.contains("/")
            ? token.replacingOccurrences(of: "~", with: "~0").replacingOccurrences(of: "/", with: "~1") : token
    }

    /// The tokens of a `#/a/b` reference; nil if it is none.
    static func tokens(ofFragment text: String) -> [String]? {
        guard text.hasPrefix("#"), let pointer = String(text.dropFirst()).removingPercentEncoding else { return nil }
        if pointer.isEmpty { return [] }
        guard pointer.hasPrefix("/") else { return nil }
        return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            $0.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
        }
    }

    static func value(at tokens: [String], in document: JSONValue) -> JSONValue? {
        var value = document
        for token in tokens {
            switch value {
            case .object(let members):
                guard let next = members[token] else { return nil }
                value = next
            case .array(let items):
                guard let index = Int(token), items.indices.contains(index) else { return nil }
                value = items[index]
            default: return nil
            }
        }
        return value
    }
}
