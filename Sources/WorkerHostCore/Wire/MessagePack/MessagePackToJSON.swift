/// Writes a MessagePack value as JSON in one pass, without building it.
///
/// The bytes may be anything: lengths and counts are compared with what is there before anything is done with them.
/// What JSON has no word for: bytes (bin) become their base64 text, timestamps their ISO 8601 text, integer keys their
/// digits; NaN, infinities, other extensions and other keys are errors.
struct MessagePackToJSON {
    let base: UnsafePointer<UInt8>
    let end: Int
    var position: Int
    private var current = Container(isMap: false, count: 0)
    private var outer: [Container] = []
    private let root: String
    /// Most bytes that are written.
    let most: Int

    /// An array or map that is being written.
    private struct Container {
        var isMap: Bool
        var count: Int
        var done = 0
        /// Where the current member's key begins.
        var key = 0
    }

    /// Reads exactly one value from `range` of the bytes.
    ///
    /// JSON may be six times as long as its MessagePack: a control character has one byte there and six here.
    /// - Parameters:
    ///   - root: where the value is in the message, for errors.
    ///   - most: the most bytes of JSON; more is an error, found before much more memory than that is taken.
    static func transcode(
        _ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>, root: String = "", most: Int = .max
    ) throws(MessagePackDecodingError) -> RawJSON {
        guard let base = bytes.baseAddress, !range.isEmpty else {
            throw MessagePackDecodingError(reason: .empty, offset: range.lowerBound, path: root)
        }
        var sink = ByteSink(capacity: min(most, range.count + range.count / 2))
        var transcoder = MessagePackToJSON(base: base, range: range, root: root, most: most)
        try transcoder.document(into: &sink)
        if sink.count > most { throw transcoder.tooLong(range.lowerBound) }
        return RawJSON(unchecked: sink.array)
    }

    /// Reads exactly one value.
    static func transcode(_ bytes: [UInt8]) throws(MessagePackDecodingError) -> RawJSON {
        try bytes.withUnsafeBufferPointer { all throws(MessagePackDecodingError) in
            try transcode(all, in: 0..<all.count)
        }
    }

    private init(base: UnsafePointer<UInt8>, range: Range<Int>, root: String, most: Int) {
        self.base = base
        position = range.lowerBound
        end = range.upperBound
        self.root = root
        self.most = most
    }

    private mutating func document(into sink: inout ByteSink) throws(MessagePackDecodingError) {
        elements: while true {
            guard try value(into: &sink) else { continue }
            while !outer.isEmpty {
                current.done += 1
                if current.done < current.count {
                    sink.put(0x2C)
                    if current.isMap { try key(into: &sink) }
                    continue elements
                }
                sink.put(current.isMap ? 0x7D : 0x5D)
                current = outer.removeLast()
            }
            break
        }
        if position < end { throw failure(.trailingBytes, at: position) }
    }

    /// Writes a scalar or an empty container; false if it opened a container whose first element comes next.
    private mutating func value(into sink: inout ByteSink) throws(MessagePackDecodingError) -> Bool {
        let start = position
        guard position < end else { throw failure(.truncated, at: start) }
        guard sink.count <= most else { throw tooLong(start) }
        let lead = base[position]
        position += 1
        switch lead {
        case 0x00...0x7F: sink.appendDigits(of: UInt64(lead))
        case 0x80...0x8F: return try open(isMap: true, Int(lead & 15), start, &sink)
        case 0x90...0x9F: return try open(isMap: false, Int(lead & 15), start, &sink)
        case 0xA0...0xBF: try text(Int(lead & 31), start, &sink)
        case 0xC0: sink.append("null")
        case 0xC1: throw failure(.reservedByte, at: start)
        case 0xC2: sink.append("false")
        case 0xC3: sink.append("true")
        case 0xC4: try bytes(Int(load(UInt8.self, start)), start, &sink)
        case 0xC5: try bytes(Int(load(UInt16.self, start)), start, &sink)
        case 0xC6: try bytes(Int(load(UInt32.self, start)), start, &sink)
        case 0xC7: try ext(Int(load(UInt8.self, start)), start, &sink)
        case 0xC8: try ext(Int(load(UInt16.self, start)), start, &sink)
        case 0xC9: try ext(Int(load(UInt32.self, start)), start, &sink)
        case 0xCA: try float(Float(bitPattern: load(UInt32.self, start)), start, &sink)
        case 0xCB: try double(Double(bitPattern: load(UInt64.self, start)), start, &sink)
        case 0xCC...0xD3, 0xE0...0xFF: try integer(lead, start, &sink)
        case 0xD4...0xD8: try ext(1 << Int(lead - 0xD4), start, &sink)
        case 0xD9: try text(Int(load(UInt8.self, start)), start, &sink)
        case 0xDA: try text(Int(load(UInt16.self, start)), start, &sink)
        case 0xDB: try text(Int(load(UInt32.self, start)), start, &sink)
        case 0xDC: return try open(isMap: false, Int(load(UInt16.self, start)), start, &sink)
        case 0xDD: return try open(isMap: false, Int(load(UInt32.self, start)), start, &sink)
        case 0xDE: return try open(isMap: true, Int(load(UInt16.self, start)), start, &sink)
        case 0xDF: return try open(isMap: true, Int(load(UInt32.self, start)), start, &sink)
        default: throw failure(.reservedByte, at: start)
        }
        return true
    }

    /// Begins a container. Each element has at least a byte, so a count over what is there is refused at once.
    private mutating func open(
        isMap: Bool, _ count: Int, _ start: Int, _ sink: inout ByteSink
    ) throws(MessagePackDecodingError) -> Bool {
        guard outer.count < JSONScanner.maxDepth else { throw failure(.tooDeep, at: start) }
        guard count * (isMap ? 2 : 1) <= end - position else { throw failure(.truncated, at: start) }
        sink.put(isMap ? 0x7B : 0x5B)
        if count == 0 {
            sink.put(isMap ? 0x7D : 0x5D)
            return true
        }
        outer.append(current)
        current = Container(isMap: isMap, count: count)
        if isMap { try key(into: &sink) }
        return false
    }

    private mutating func key(into sink: inout ByteSink) throws(MessagePackDecodingError) {
        let start = position
        current.key = start
        guard position < end else { throw failure(.truncated, at: start) }
        let kind = MessagePackKind(base[position])
        switch kind {
        case .text: _ = try value(into: &sink)
        case .integer:
            sink.put(0x22)
            _ = try value(into: &sink)
            sink.put(0x22)
        default: throw failure(.key(kind), at: start)
        }
        sink.put(0x3A)
    }

    // MARK: Places

    /// The number behind the first byte.
    @inline(__always)
    mutating func load<Number: FixedWidthInteger>(
        _ type: Number.Type, _ start: Int
    ) throws(MessagePackDecodingError) -> Number {
        let size = MemoryLayout<Number>.size
        guard end - position >= size else { throw failure(.truncated, at: start) }
        defer { position += size }
        return Number(bigEndian: UnsafeRawPointer(base + position).loadUnaligned(as: Number.self))
    }

    /// The next bytes, so many.
    @inline(__always)
    mutating func take(_ count: Int, _ start: Int) throws(MessagePackDecodingError) -> Range<Int> {
        guard end - position >= count else { throw failure(.truncated, at: start) }
        defer { position += count }
        return position..<position + count
    }

    func tooLong(_ start: Int) -> MessagePackDecodingError { failure(.tooLong(most: most), at: start) }

    func failure(_ reason: MessagePackDecodingError.Reason, at offset: Int) -> MessagePackDecodingError {
        // The first of `outer` stands for no container at all.
        let inside = outer.isEmpty ? [] : outer.dropFirst() + [current]
        let path = inside.map { container -> String in
            guard container.isMap else { return "/\(container.done)" }
            // A key that is wrong itself has no text to name it by.
            return container.key == offset ? "" : "/\(JSONPointer.escaped(keyText(at: container.key)))"
        }
        return MessagePackDecodingError(reason: reason, offset: offset, path: root + path.joined())
    }

    private func keyText(at offset: Int) -> String {
        let bytes = UnsafeBufferPointer(start: base, count: end)
        return MessagePackScanner.text(at: offset, in: bytes) ?? ""
    }
}
