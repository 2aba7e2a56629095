/// A log line's format in Python's %-style, for example `%(asctime)s - %(levelname)-8s - %(message)s`.
public struct LogFormat: Sendable, Hashable {
    /// What a format can show of a log event; the names are Python's.
    public enum Field: String, Sendable, Hashable, CaseIterable {
        /// The time, ISO 8601.
        case asctime
        /// The logger's name.
        case name
        /// The level's name, for example `WARNING`.
        case levelname
        /// Python's number of the level, for example 30.
        case levelno
        /// The message.
        case message
        /// Seconds since the Unix epoch, with a fraction.
        case created
        /// The milliseconds of the time.
        case msecs
        /// The process's number.
        case process
        /// The thread's number.
        case thread
        /// The source file's path.
        case pathname
        /// The source file's name.
        case filename
        /// The source line.
        case lineno
        /// The function.
        case funcName
        /// The module.
        case module
    }

    /// A part of a line.
    public enum Piece: Sendable, Hashable {
        /// Text that stands as it is.
        case literal(String)
        /// A field in its layout.
        case field(Field, Layout)
    }

    /// How a field is written: Python's flags, width, precision and conversion.
    public struct Layout: Sendable, Hashable {
        /// Least width in characters.
        public var width = 0
        /// Fill on the right in place of the left.
        public var isLeftAligned = false
        /// Fill with zeros in place of spaces; numbers only.
        public var isZeroFilled = false
        /// `s`: most characters. `f`: digits behind the point. nil: all, or 6.
        public var precision: Int?
        /// `s`, `d` or `f`.
        public var conversion: Character = "s"
    }

    /// The format as it was written.
    public let text: String
    /// What a line is made of, in order.
    public let pieces: [Piece]

    /// Reads a format.
    /// - Throws: ``LogFormatError`` for an unknown field or a malformed `%`.
    public init(_ text: String) throws(LogFormatError) {
        var parser = LogFormatParser(text)
        pieces = try parser.parse()
        self.text = text
    }

    /// What is used when the configuration gives no format.
    public static let standard = LogFormat(
        pieces: [
            .field(.asctime, Layout()), .literal(" "), .field(.levelname, Layout(width: 8, isLeftAligned: true)),
            .literal(" "), .field(.name, Layout()), .literal(": "), .field(.message, Layout()),
        ], text: "%(asctime)s %(levelname)-8s %(name)s: %(message)s")

    private init(pieces: [Piece], text: String) {
        self.pieces = pieces
        self.text = text
    }

    /// One line, without a line break at its end.
    /// - Parameter value: gives a field's value; called once for each time the field stands in the format.
    public func render(_ value: (Field) -> String) -> String {
        var line: [UInt8] = []
        render(into: &line) { $1.append(contentsOf: value($0).utf8) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Appends a line; `append` adds the value of a field.
    public func render(into line: inout [UInt8], _ append: (Field, inout [UInt8]) -> Void) {
        for piece in pieces {
            switch piece {
            case .literal(let text): line.append(contentsOf: text.utf8)
            case .field(let field, let layout):
                let start = line.count
                append(field, &line)
                guard layout != Layout() else { continue }
                let value = String(decoding: line[start...], as: UTF8.self)
                line.removeSubrange(start...)
                line.append(contentsOf: layout.apply(to: value).utf8)
            }
        }
    }
}
