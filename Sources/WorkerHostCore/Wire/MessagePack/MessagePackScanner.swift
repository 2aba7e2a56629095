/// Finds where MessagePack values end and where a map's members lie, without reading them.
enum MessagePackScanner {
    /// The value's bytes and what follows them must lie inside of `bytes`; nothing beyond is looked at.
    /// - Returns: the offset behind the value that begins at `start`.
    static func skip(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int
    ) throws(MessagePackDecodingError) -> Int {
        var position = start
        var pending = 1
        while pending > 0 {
            pending -= 1
            let head = try head(bytes, at: position, to: end)
            position = head.content + head.count
            pending += head.elements
            // Each element has at least a byte.
            guard position <= end, pending <= end - position else { throw truncated(start) }
        }
        return position
    }

    /// Calls `body` with the name and the value's range of each member of the map at `range`; members whose key is no
    /// str are passed over.
    static func members(
        of bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>,
        _ body: (_ name: Slice<UnsafeBufferPointer<UInt8>>, _ value: Range<Int>) -> Void
    ) throws(MessagePackDecodingError) {
        guard !range.isEmpty else {
            throw MessagePackDecodingError(reason: .empty, offset: range.lowerBound, path: "")
        }
        let kind = MessagePackKind(bytes[range.lowerBound])
        guard kind == .map else {
            throw MessagePackDecodingError(reason: .notAMap(kind), offset: range.lowerBound, path: "")
        }
        let head = try head(bytes, at: range.lowerBound, to: range.upperBound)
        guard head.elements <= range.upperBound - head.content else { throw truncated(range.lowerBound) }
        var position = head.content
        for _ in 0..<head.elements / 2 {
            let name = str(bytes, at: position, to: range.upperBound)
            let start = try skip(bytes, from: position, to: range.upperBound)
            position = try skip(bytes, from: start, to: range.upperBound)
            if let name { body(bytes[name], start..<position) }
        }
        if position < range.upperBound {
            throw MessagePackDecodingError(reason: .trailingBytes, offset: position, path: "")
        }
    }

    /// The text of a str, what is no UTF-8 repaired, or an integer's digits; nil for anything else.
    static func text(at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> String? {
        if let range = str(bytes, at: offset, to: bytes.count) { return String(decoding: bytes[range], as: UTF8.self) }
        guard offset < bytes.count, MessagePackKind(bytes[offset]) == .integer else { return nil }
        return number(at: offset, in: bytes)?.text
    }

    /// A boolean; nil for anything else.
    static func boolean(at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
        switch bytes[offset] {
        case 0xC2: false
        case 0xC3: true
        default: nil
        }
    }

    /// An integer or a float; nil for anything else.
    static func number(at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> (text: String, double: Double)? {
        do throws(MessagePackDecodingError) {
            let end = try skip(bytes, from: offset, to: bytes.count)
            switch MessagePackKind(bytes[offset]) {
            case .integer, .float:
                let text = try MessagePackToJSON.transcode(bytes, in: offset..<end).text
                return Double(text).map { (text, $0) }
            default: return nil
            }
        } catch {
            return nil
        }
    }

    private static func str(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int, to end: Int) -> Range<Int>? {
        guard offset < end, MessagePackKind(bytes[offset]) == .text else { return nil }
        do throws(MessagePackDecodingError) {
            let head = try head(bytes, at: offset, to: end)
            return head.count <= end - head.content ? head.content..<head.content + head.count : nil
        } catch {
            return nil
        }
    }

    /// What the first bytes of a value say: where its content begins, how many bytes this has, and how many values
    /// follow as its elements.
    private struct Head {
        var content: Int
        var count = 0
        var elements = 0
    }

    @inline(__always)
    private static func head(
        _ bytes: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int
    ) throws(MessagePackDecodingError) -> Head {
        guard start < end else { throw truncated(start) }
        let lead = bytes[start]
        func length(_ size: Int) throws(MessagePackDecodingError) -> Int {
            guard end - start > size else { throw truncated(start) }
            var length = 0
            for index in start + 1...start + size { length = length << 8 | Int(bytes[index]) }
            return length
        }
        let next = start + 1
        switch lead {
        case 0x00...0x7F, 0xE0...0xFF, 0xC0, 0xC2, 0xC3: return Head(content: next)
        case 0x80...0x8F: return Head(content: next, elements: 2 * Int(lead & 15))
        case 0x90...0x9F: return Head(content: next, elements: Int(lead & 15))
        case 0xA0...0xBF: return Head(content: next, count: Int(lead & 31))
        case 0xC4...0xC6:
            let size = 1 << Int(lead - 0xC4)
            return Head(content: next + size, count: try length(size))
        case 0xC7...0xC9:
            let size = 1 << Int(lead - 0xC7)
            return Head(content: next + size, count: try length(size) + 1)
        case 0xCA, 0xCE, 0xD2: return Head(content: next, count: 4)
        case 0xCB, 0xCF, 0xD3: return Head(content: next, count: 8)
        case 0xCC, 0xD0: return Head(content: next, count: 1)
        case 0xCD, 0xD1: return Head(content: next, count: 2)
        case 0xD4...0xD8: return Head(content: next, count: 1 + 1 << Int(lead - 0xD4))
        case 0xD9...0xDB:
            let size = 1 << Int(lead - 0xD9)
            return Head(content: next + size, count: try length(size))
        case 0xDC, 0xDD:
            let size = lead == 0xDC ? 2 : 4
            return Head(content: next + size, elements: try length(size))
        case 0xDE, 0xDF:
            let size = lead == 0xDE ? 2 : 4
            return Head(content: next + size, elements: 2 * (try length(size)))
        default: throw MessagePackDecodingError(reason: .reservedByte, offset: start, path: "")
        }
    }

    private static func truncated(_ offset: Int) -> MessagePackDecodingError {
        MessagePackDecodingError(reason: .truncated, offset: offset, path: "")
    }
}
