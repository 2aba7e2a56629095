/// A text that never shows itself: descriptions, dumps and interpolations print `***`.
public struct Secret: Sendable, Hashable {
    /// The text, for the one place that needs it.
    public let revealed: String

    /// Hides a text.
    public init(_ text: String) {
        revealed = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `***`
    public var description: String { "***" }
    /// `***`
    public var debugDescription: String { "***" }
    /// Nothing: a dump shows no member.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
