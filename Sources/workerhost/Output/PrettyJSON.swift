/// Lays a JSON text out over lines for people, without touching its values: numbers, escapes and the order of keys
/// stay.
struct PrettyJSON {
    /// The lines, indented by two blanks a level.
    private(set) var lines: [String] = []
    /// Whether something was left out.
    private(set) var isCut = false
    private let mostLines: Int
    private let longestLine: Int
    private var current: [UInt8] = []
    private var depth = 0

    /// Lays out at most so many lines, each of at most so many bytes.
    init(_ bytes: some Collection<UInt8>, mostLines: Int = .max, longestLine: Int = .max) {
        self.mostLines = mostLines
        self.longestLine = longestLine
        var isInString = false
        var isEscaped = false
        var last: UInt8 = 0
        for byte in bytes {
            if lines.count >= mostLines {
                isCut = true
                return
            }
            if isInString {
                add(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInString = false
                }
            } else if ![0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                isInString = byte == 0x22
                structure(byte, after: last)
                last = byte
            }
        }
        if !current.isEmpty { endLine() }
    }

    private mutating func structure(_ byte: UInt8, after last: UInt8) {
        let opens = last == 0x7B || last == 0x5B
        switch byte {
        case 0x7D, 0x5D:
            depth -= 1
            if !opens { startLine() }
            add(byte)
        case 0x7B, 0x5B:
            if opens { startLine() }
            add(byte)
            depth += 1
        case 0x2C:
            add(byte)
            startLine()
        case 0x3A:
            add(byte)
            add(0x20)
        default:
            if opens { startLine() }
            add(byte)
        }
    }

    private mutating func startLine() {
        endLine()
        current = Array(repeating: 0x20, count: max(0, depth) * 2)
    }

    private mutating func add(_ byte: UInt8) {
        // One more than fits shows that something is missing.
        if current.count <= longestLine { current.append(byte) }
    }

    private mutating func endLine() {
        defer { current = [] }
        guard lines.count < mostLines else {
            isCut = true
            return
        }
        if current.count > longestLine {
            isCut = true
            lines.append(String(decoding: current.prefix(longestLine), as: UTF8.self) + "…")
        } else {
            lines.append(String(decoding: current, as: UTF8.self))
        }
    }
}
