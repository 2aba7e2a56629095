import WorkerHostCore

/// What becomes of JSON on its way through PHP: decoded into arrays, stored, encoded again.
enum PHPValues {
    /// Values that are taken for "nothing" and stored as null.
    static func isFalsy(_ json: RawJSON) -> Bool {
        switch JSONBody.field(json) {
        case .missing, .null, .bool(false), .integer(0), .string(""), .string("0"): true
        case .number(let value): value == 0
        case .array: isEmpty(json, "[")
        case .object: isEmpty(json, "{")
        default: false
        }
    }

    /// `{}` becomes `[]`, an object with the keys 0, 1, … a list, `1.0` becomes `1`.
    static func roundTrip(_ json: RawJSON) -> RawJSON {
        var bytes: [UInt8] = []
        json.bytes.withUnsafeBufferPointer { write($0, 0..<$0.count, to: &bytes) }
        return RawJSON(unchecked: bytes)
    }

    private static func isEmpty(_ json: RawJSON, _ open: String) -> Bool {
        json.bytes.dropFirst().first { $0 > 0x20 } == (open == "[" ? 0x5D : 0x7D)
    }

    private static func write(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to out: inout [UInt8]) {
        switch bytes[range.lowerBound] {
        case 0x7B: writeObject(bytes, range, to: &out)
        case 0x5B:
            var elements: [Range<Int>] = []
            // Valid: the whole was checked before.
            try? JSONScanner.elements(of: bytes, in: range) { elements.append($0) }
            writeList(bytes, elements, to: &out)
        case 0x2D, 0x30...0x39:
            let text = String(decoding: bytes[range], as: UTF8.self)
            out += number(text).utf8
        default: out += bytes[range]
        }
    }

    private static func writeObject(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to out: inout [UInt8]) {
        var members: [JSONScanner.Member] = []
        // Valid: the whole was checked before.
        try? JSONScanner.members(of: bytes, in: range) { members.append($0) }
        let isList = members.enumerated().allSatisfy { index, member in
            bytes[member.name].elementsEqual(String(index).utf8)
        }
        if isList { return writeList(bytes, members.map(\.value), to: &out) }
        out.append(0x7B)
        for (index, member) in members.enumerated() {
            if index > 0 { out.append(0x2C) }
            out.append(0x22)
            out += bytes[member.name]
            out += [0x22, 0x3A]
            write(bytes, member.value, to: &out)
        }
        out.append(0x7D)
    }

    private static func writeList(_ bytes: UnsafeBufferPointer<UInt8>, _ values: [Range<Int>], to out: inout [UInt8]) {
        out.append(0x5B)
        for (index, value) in values.enumerated() {
            if index > 0 { out.append(0x2C) }
            write(bytes, value, to: &out)
        }
        out.append(0x5D)
    }

    private static func number(_ text: String) -> String {
        if Int(text) != nil { return text }
        guard let value = Double(text) else { return text }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : text
    }
}

extension PHPValues {
    /// Whether a number in it is larger than a double: then the real server stores nothing at all.
    static func overflows(_ json: RawJSON) -> Bool {
        guard json.bytes.contains(where: { $0 | 0x20 == 0x65 }), let value = try? JSONValue(json) else { return false }
        return overflows(value)
    }

    private static func overflows(_ value: JSONValue) -> Bool {
        switch value {
        case .number(let number): !(Double(number.text) ?? .infinity).isFinite
        case .array(let elements): elements.contains(where: overflows)
        case .object(let members): members.values.contains(where: overflows)
        case .null, .bool, .string: false
        }
    }
}
