import WorkerHostCore

/// Looks at JSON values by their bytes.
enum JSONBytes {
    /// A string's text, or a number's digits; nil for anything else.
    static func text(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        switch bytes[range.lowerBound] {
        case 0x22: JSONText.decode(bytes[range.lowerBound + 1..<range.upperBound - 1])
        case 0x2D, 0x30...0x39: String(decoding: bytes[range], as: UTF8.self)
        default: nil
        }
    }

    /// A whole number, written as one or as a text.
    static func int(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        text(range, bytes).flatMap { Int($0) ?? Double($0).flatMap { Int(exactly: $0) } }
    }

    /// `true` and `false`, also as PHP may write them; nil for anything else.
    static func truth(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
        switch bytes[range.lowerBound] {
        case 0x74: true
        case 0x66: false
        case 0x30 where range.count == 1: false
        case 0x31 where range.count == 1: true
        default: nil
        }
    }

    /// The one object of `data`: itself, the first of its `items`, or the first of a list; nil if there is none.
    static func single(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        switch bytes[range.lowerBound] {
        case 0x7B:
            var items: Range<Int>?
            members(of: bytes, in: range) { name, value in
                if name.elementsEqual("items".utf8), bytes[value.lowerBound] == 0x5B { items = value }
            }
            return items.map { first($0, bytes) } ?? range
        case 0x5B: return first(range, bytes)
        default: return nil
        }
    }

    /// The objects of `data`'s `items`, or of a list.
    static func all(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var list: Range<Int>? = bytes[range.lowerBound] == 0x5B ? range : nil
        if list == nil {
            members(of: bytes, in: range) { name, value in
                if name.elementsEqual("items".utf8), bytes[value.lowerBound] == 0x5B { list = value }
            }
        }
        return list.map { elements($0, bytes).filter { bytes[$0.lowerBound] == 0x7B } } ?? []
    }

    private static func first(_ list: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        elements(list, bytes).first { bytes[$0.lowerBound] == 0x7B }
    }

    private static func elements(_ list: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        do throws(JSONError) {
            try JSONScanner.elements(of: bytes, in: list) { found.append($0) }
        } catch {
            return []
        }
        return found
    }

    /// Calls `body` for each member of an object; not at all if it is none.
    static func members(
        of bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>,
        _ body: (Slice<UnsafeBufferPointer<UInt8>>, Range<Int>) -> Void
    ) {
        guard bytes[range.lowerBound] == 0x7B else { return }
        do throws(JSONError) {
            try JSONScanner.members(of: bytes, in: range) { body(bytes[$0.name], $0.value) }
        } catch {
            // The whole was accepted before any part of it is looked at.
            return
        }
    }
}
