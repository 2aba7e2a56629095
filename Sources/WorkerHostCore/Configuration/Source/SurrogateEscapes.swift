/// Replaces JSON's `\uD83D\uDE00` escapes, which YAML does not know, by YAML's `\U0001F600`.
enum SurrogateEscapes {
    static func joined(in text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == 0x5C else {
                result.append(bytes[index])
                index += 1
                continue
            }
            if let high = unit(bytes, index), 0xD800..<0xDC00 ~= high, let low = unit(bytes, index + 6),
                0xDC00..<0xE000 ~= low
            {
                let digits = String(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), radix: 16)
                result += Array("\\U\(String(repeating: "0", count: 8 - digits.count))\(digits)".utf8)
                index += 12
            } else {
                result += bytes[index..<min(index + 2, bytes.count)]
                index += 2
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func unit(_ bytes: [UInt8], _ start: Int) -> UInt32? {
        guard start + 6 <= bytes.count, bytes[start] == 0x5C, bytes[start + 1] == 0x75 else { return nil }
        return UInt32(String(decoding: bytes[start + 2..<start + 6], as: UTF8.self), radix: 16)
    }
}
