/// Writes fields of a tag, a length of four bytes, and a value.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(96) }

    mutating func text(_ tag: UInt8, _ text: String) {
        head(tag, text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func bytes(_ tag: UInt8, _ value: [UInt8]) {
        head(tag, value.count)
        bytes.append(contentsOf: value)
    }

    mutating func number(_ tag: UInt8, _ value: Int64?) {
        guard let value else { return }
        head(tag, 8)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func head(_ tag: UInt8, _ count: Int) {
        bytes.append(tag)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Fields as ``FieldWriter`` wrote them.
struct Fields {
    private var values: [(tag: UInt8, value: ArraySlice<UInt8>)] = []

    /// nil if the bytes are not whole fields.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let tag = rest.popFirst() {
            guard rest.count >= 4 else { return nil }
            let count = Int(Self.number(rest.prefix(4)))
            rest = rest.dropFirst(4)
            guard rest.count >= count else { return nil }
            values.append((tag, rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
    }

    func bytes(_ tag: UInt8) -> ArraySlice<UInt8>? { values.first { $0.tag == tag }?.value }

    func all(_ tag: UInt8) -> [ArraySlice<UInt8>] { values.filter { $0.tag == tag }.map(\.value) }

    func text(_ tag: UInt8) -> String? { bytes(tag).map { String(decoding: $0, as: UTF8.self) } }

    func number(_ tag: UInt8) -> Int64? {
        guard let value = bytes(tag), value.count == 8 else { return nil }
        return Int64(bitPattern: Self.number(value))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
