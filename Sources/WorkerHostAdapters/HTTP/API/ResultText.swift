import WorkerHostCore

/// Results as the server can keep them.
///
/// It stores what PHP takes for false (`{}`, `[]`, `0`, `false`, `""`, `"0"`, `null`) as nothing at all: those travel as
/// `{"value":…}`. Its column holds 65,535 bytes.
enum ResultText {
    /// Most bytes that the server's columns hold.
    static let mostBytes = 65_535

    static func append(_ result: RawJSON, to bytes: inout [UInt8]) {
        guard isFalsy(result.bytes) else {
            bytes.append(contentsOf: result.bytes)
            return
        }
        bytes.append(contentsOf: #"{"value":"#.utf8)
        bytes.append(contentsOf: result.bytes)
        bytes.append(0x7D)
    }

    /// Whether PHP takes the value for false.
    static func isFalsy(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first else { return true }
        switch first {
        case 0x7B: return bytes.dropFirst().first { $0 > 0x20 } == 0x7D
        case 0x5B: return bytes.dropFirst().first { $0 > 0x20 } == 0x5D
        case 0x22: return bytes.count == 2 || bytes == [0x22, 0x30, 0x22]
        case 0x66, 0x6E: return true
        case 0x2D, 0x30...0x39: return bytes.count <= 64 && Double(String(decoding: bytes, as: UTF8.self)) == 0
        default: return false
        }
    }

    /// Whether the server cannot keep the value, however it writes it: it leaves out spaces, and may write escapes
    /// shorter than they came.
    static func isSurelyTooLong(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > mostBytes else { return false }
        var count = 0
        var isText = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 { isText.toggle() }
            if isText, byte == 0x5C, index + 1 < bytes.count {
                // `\/` becomes one byte at least, `\uXXXX` too.
                index += bytes[index + 1] == 0x75 ? 6 : 2
                count += 1
                continue
            }
            if isText || byte > 0x20 { count += 1 }
            index += 1
        }
        return count > mostBytes
    }
}
