/// Writes a JSON value as MessagePack in one pass, without building it.
///
/// The bytes are a checked JSON text, as ``RawJSON`` holds; others end in an error, or in a str that is not UTF-8, never
/// in a trap. Every value takes its smallest form, except that a number with a fraction or an exponent is always a
/// 64-bit float: the nearest one, as JSON readers take it. An integer beyond 64 bits is an error.
///
/// A container's count stands in front of it, but is known only behind it. One byte is left for the count; the few
/// containers with 16 elements or more are noted, and room for their counts is made at the end, once for all.
struct JSONToMessagePack {
    let base: UnsafePointer<UInt8>
    let end: Int
    var position = 0
    private var current = Container(header: -1, isObject: false)
    private var outer: [Container] = []
    private var large: [Container] = []
    private let root: String

    /// An array or object that is being written.
    private struct Container {
        /// Where its header is in the sink.
        var header: Int
        var isObject: Bool
        var count = 0
        /// Where the name of the current member begins.
        var name: Int?

        /// How many bytes of count stand behind the header's first byte.
        var extra: Int { count <= 15 ? 0 : count <= 0xFFFF ? 2 : 4 }
    }

    /// Appends one value.
    /// - Parameter root: where the value is in the task, for errors.
    static func transcode(
        _ json: [UInt8], into sink: inout ByteSink, root: String = ""
    ) throws(MessagePackEncodingError) {
        try json.withUnsafeBufferPointer { bytes throws(MessagePackEncodingError) in
            guard let base = bytes.baseAddress, !bytes.isEmpty else {
                throw MessagePackEncodingError(reason: .json(JSONError(.empty, at: 0)), path: root)
            }
            var transcoder = JSONToMessagePack(base: base, end: bytes.count, root: root)
            try transcoder.document(into: &sink)
        }
    }

    private init(base: UnsafePointer<UInt8>, end: Int, root: String) {
        self.base = base
        self.end = end
        self.root = root
    }

    private mutating func document(into sink: inout ByteSink) throws(MessagePackEncodingError) {
        elements: while true {
            guard try value(into: &sink) else { continue }
            while isInside {
                current.count += 1
                let next = try significant()
                position += 1
                if next == 0x2C {
                    if current.isObject { try name(into: &sink) }
                    continue elements
                }
                guard next == (current.isObject ? 0x7D : 0x5D) else { throw unexpected(next, at: position - 1) }
                close(&sink)
            }
            break
        }
        skipSpace()
        if position < end { throw failure(.trailingBytes, at: position) }
        makeRoom(&sink)
    }

    /// Writes a scalar or an empty container; false if it opened a container whose first element comes next.
    private mutating func value(into sink: inout ByteSink) throws(MessagePackEncodingError) -> Bool {
        let lead = try significant()
        switch lead {
        case 0x22: try string(into: &sink)
        case 0x2D, 0x30...0x39: try number(into: &sink)
        case 0x7B, 0x5B: return try open(isObject: lead == 0x7B, &sink)
        case 0x74: try word("true", 0xC3, &sink)
        case 0x66: try word("false", 0xC2, &sink)
        case 0x6E: try word("null", 0xC0, &sink)
        default: throw unexpected(lead, at: position)
        }
        return true
    }

    private mutating func word(
        _ text: StaticString, _ byte: UInt8, _ sink: inout ByteSink
    ) throws(MessagePackEncodingError) {
        for index in 0..<text.utf8CodeUnitCount {
            guard position < end else { throw failure(.truncated, at: end) }
            guard base[position] == text.utf8Start[index] else { throw unexpected(base[position], at: position) }
            position += 1
        }
        sink.put(byte)
    }

    // MARK: Containers

    private var isInside: Bool { current.header >= 0 }

    private mutating func open(isObject: Bool, _ sink: inout ByteSink) throws(MessagePackEncodingError) -> Bool {
        guard outer.count < JSONScanner.maxDepth else { throw failure(.tooDeep, at: position) }
        position += 1
        if try significant() == (isObject ? 0x7D : 0x5D) {
            position += 1
            sink.put(isObject ? 0x80 : 0x90)
            return true
        }
        outer.append(current)
        current = Container(header: sink.count, isObject: isObject)
        sink.put(isObject ? 0x80 : 0x90)
        if isObject { try name(into: &sink) }
        return false
    }

    private mutating func name(into sink: inout ByteSink) throws(MessagePackEncodingError) {
        let lead = try significant()
        guard lead == 0x22 else { throw unexpected(lead, at: position) }
        current.name = position
        try string(into: &sink)
        let colon = try significant()
        guard colon == 0x3A else { throw unexpected(colon, at: position) }
        position += 1
    }

    private mutating func close(_ sink: inout ByteSink) {
        if current.count <= 15 {
            let count = UInt8(current.count)
            sink.patch(at: current.header) { $0.pointee |= count }
        } else {
            large.append(current)
        }
        current = outer.removeLast()
    }

    /// Makes room for the counts of the large containers, the last one first, so that no byte moves twice.
    private mutating func makeRoom(_ sink: inout ByteSink) {
        guard !large.isEmpty else { return }
        large.sort { $0.header < $1.header }
        var shift = large.reduce(0) { $0 + $1.extra }
        var end = sink.count
        sink.reserve(shift)
        sink.extend(by: shift)
        for container in large.reversed() {
            let header = container.header
            sink.move(header + 1..<end, up: shift)
            shift -= container.extra
            end = header
            let lead: UInt8 = (container.isObject ? 0xDE : 0xDC) + (container.extra == 4 ? 1 : 0)
            let count = UInt32(truncatingIfNeeded: container.count)
            sink.patch(at: header + shift) { bytes in
                bytes.pointee = lead
                for index in 0..<container.extra {
                    bytes[1 + index] = UInt8(truncatingIfNeeded: count >> (8 * (container.extra - 1 - index)))
                }
            }
        }
    }

    // MARK: Places

    @inline(__always)
    private mutating func skipSpace() {
        while position < end {
            switch base[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// The next byte that is no white space.
    @inline(__always)
    private mutating func significant() throws(MessagePackEncodingError) -> UInt8 {
        skipSpace()
        guard position < end else { throw failure(.truncated, at: end) }
        return base[position]
    }

    func unexpected(_ byte: UInt8, at offset: Int) -> MessagePackEncodingError {
        failure(.unexpectedByte(byte), at: offset)
    }

    func failure(_ reason: JSONError.Reason, at offset: Int) -> MessagePackEncodingError {
        failure(.json(JSONError(reason, at: offset)))
    }

    func failure(_ reason: MessagePackEncodingError.Reason) -> MessagePackEncodingError {
        // The first of `outer` stands for no container at all.
        let inside = outer.isEmpty ? [] : outer.dropFirst() + [current]
        let path = inside.map { container -> String in
            guard container.isObject else { return "/\(container.count)" }
            guard let name = container.name else { return "" }
            var stop = name + 1
            while stop < end, base[stop] != 0x22 { stop += base[stop] == 0x5C ? 2 : 1 }
            let bytes = UnsafeBufferPointer(start: base, count: end)
            return "/\(JSONPointer.escaped(JSONText.decode(bytes[name + 1..<min(stop, end)])))"
        }
        return MessagePackEncodingError(reason: reason, path: root + path.joined())
    }
}
