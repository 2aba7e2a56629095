/// Checks JSON and finds where members lie, without building any value.
///
/// Strict RFC 8259 over UTF-8. What is only passed on is never decoded: a scan costs about a twentieth of `JSONDecoder`.
public struct JSONScanner {
    /// The deepest nesting that is accepted.
    public static let maxDepth = 512

    /// A member of an object: the name's bytes between the quotes, and the value's bytes.
    public struct Member: Sendable, Hashable {
        /// The bytes between the name's quotes, escapes untouched.
        public let name: Range<Int>
        /// The bytes of the value.
        public let value: Range<Int>
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let end: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0, to end: Int? = nil) {
        self.bytes = bytes
        self.position = start
        self.end = end ?? bytes.count
    }

    /// Checks that the bytes are one JSON value with nothing but white space around it.
    /// - Returns: the value's bytes without the white space.
    /// - Throws: ``JSONError``.
    public static func validate(_ bytes: [UInt8]) throws(JSONError) -> Range<Int> {
        let outcome: Result<Range<Int>, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(buffer)
            do throws(JSONError) {
                let range = try scanner.document()
                return .success(range)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Checks that `range` of the bytes is one JSON object and calls `body` for each member.
    /// - Throws: ``JSONError``, also when the value is no object.
    public static func members(
        of bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>, _ body: (Member) -> Void
    ) throws(JSONError) {
        var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
        scanner.skipSpace()
        try scanner.object(depth: 1, onMember: body)
        scanner.skipSpace()
        if scanner.position < scanner.end { throw JSONError(.trailingBytes, at: scanner.position) }
    }

    /// Calls `body` for the bytes of each element of the array in `range`.
    /// - Throws: ``JSONError``, also when the value is no array.
    public static func elements(
        of bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>, _ body: (Range<Int>) -> Void
    ) throws(JSONError) {
        var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
        scanner.skipSpace()
        try scanner.array(depth: 1, onElement: body)
    }

    private mutating func document() throws(JSONError) -> Range<Int> {
        skipSpace()
        guard position < end else { throw JSONError(.empty, at: position) }
        let start = position
        try value(depth: 0)
        let stop = position
        skipSpace()
        if position < end { throw JSONError(.trailingBytes, at: position) }
        return start..<stop
    }

    private mutating func skipSpace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private func peek() throws(JSONError) -> UInt8 {
        guard position < end else { throw JSONError(.truncated, at: position) }
        return bytes[position]
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        let found = try peek()
        guard found == byte else { throw JSONError(.unexpectedByte(found), at: position) }
        position += 1
    }

    private mutating func value(depth: Int) throws(JSONError) {
        switch try peek() {
        case 0x7B: try object(depth: depth + 1, onMember: { _ in })
        case 0x5B: try array(depth: depth + 1, onElement: { _ in })
        case 0x22: try string()
        case 0x74: try word("true")
        case 0x66: try word("false")
        case 0x6E: try word("null")
        case 0x2D, 0x30...0x39: try number()
        case let other: throw JSONError(.unexpectedByte(other), at: position)
        }
    }

    private mutating func object(depth: Int, onMember: (Member) -> Void) throws(JSONError) {
        guard depth <= Self.maxDepth else { throw JSONError(.tooDeep, at: position) }
        try expect(0x7B)
        skipSpace()
        if try peek() == 0x7D {
            position += 1
            return
        }
        while true {
            let nameStart = position + 1
            try string()
            let nameEnd = position - 1
            skipSpace()
            try expect(0x3A)
            skipSpace()
            let valueStart = position
            try value(depth: depth)
            onMember(Member(name: nameStart..<nameEnd, value: valueStart..<position))
            skipSpace()
            if try peek() == 0x7D {
                position += 1
                return
            }
            try expect(0x2C)
            skipSpace()
        }
    }

    private mutating func array(depth: Int, onElement: (Range<Int>) -> Void) throws(JSONError) {
        guard depth <= Self.maxDepth else { throw JSONError(.tooDeep, at: position) }
        try expect(0x5B)
        skipSpace()
        if try peek() == 0x5D {
            position += 1
            return
        }
        while true {
            let start = position
            try value(depth: depth)
            onElement(start..<position)
            skipSpace()
            if try peek() == 0x5D {
                position += 1
                return
            }
            try expect(0x2C)
            skipSpace()
        }
    }

    private mutating func word(_ text: StaticString) throws(JSONError) {
        for index in 0..<text.utf8CodeUnitCount {
            try expect(text.utf8Start[index])
        }
    }

    private mutating func digits() throws(JSONError) {
        guard case 0x30...0x39 = try peek() else { throw JSONError(.unexpectedByte(bytes[position]), at: position) }
        while position < end, case 0x30...0x39 = bytes[position] { position += 1 }
    }

    private mutating func number() throws(JSONError) {
        if bytes[position] == 0x2D { position += 1 }
        if try peek() == 0x30 { position += 1 } else { try digits() }
        if position < end, bytes[position] == 0x2E {
            position += 1
            try digits()
        }
        if position < end, bytes[position] | 0x20 == 0x65 {
            position += 1
            if position < end, bytes[position] == 0x2B || bytes[position] == 0x2D { position += 1 }
            try digits()
        }
    }

    private mutating func string() throws(JSONError) {
        try expect(0x22)
        while true {
            let byte = try peek()
            switch byte {
            case 0x22:
                position += 1
                return
            case 0x5C: try escape()
            case 0x00..<0x20: throw JSONError(.unexpectedByte(byte), at: position)
            case 0x20..<0x80: position += 1
            default: try multibyte(byte)
            }
        }
    }

    private mutating func escape() throws(JSONError) {
        position += 1
        switch try peek() {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: position += 1
        case 0x75:
            position += 1
            for _ in 0..<4 {
                switch try peek() {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66: position += 1
                case let other: throw JSONError(.unexpectedByte(other), at: position)
                }
            }
        case let other: throw JSONError(.unexpectedByte(other), at: position)
        }
    }

    /// One UTF-8 sequence of two to four bytes, over-long forms and surrogates refused.
    private mutating func multibyte(_ lead: UInt8) throws(JSONError) {
        let start = position
        let rest: Int
        var range: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: rest = 1
        case 0xE0: (rest, range) = (2, 0xA0...0xBF)
        case 0xED: (rest, range) = (2, 0x80...0x9F)
        case 0xE1...0xEF: rest = 2
        case 0xF0: (rest, range) = (3, 0x90...0xBF)
        case 0xF1...0xF3: rest = 3
        case 0xF4: (rest, range) = (3, 0x80...0x8F)
        default: throw JSONError(.invalidUTF8, at: start)
        }
        position += 1
        for _ in 0..<rest {
            guard range.contains(try peek()) else { throw JSONError(.invalidUTF8, at: start) }
            range = 0x80...0xBF
            position += 1
        }
    }
}
