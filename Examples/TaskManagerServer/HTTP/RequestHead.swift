/// The first lines of a request.
struct RequestHead: Sendable {
    /// How the body's end is found.
    enum Framing: Sendable, Equatable {
        case length(Int)
        case chunked
    }

    var request: HTTPRequest
    var framing = Framing.length(0)
    /// Whether the client waits to be told that its body is welcome.
    var expectsContinue = false

    /// Takes the lines apart; nil if they are not HTTP/1.0 or 1.1.
    init?(_ bytes: ArraySlice<UInt8>) {
        var lines = bytes.split(separator: 0x0A).makeIterator()
        guard let first = lines.next(), let request = Self.requestLine(Self.trimmed(first)) else { return nil }
        self.request = request
        while let line = lines.next() {
            guard let colon = line.firstIndex(of: 0x3A) else { continue }
            guard take(line[..<colon], Self.trimmed(line[(colon + 1)...])) else { return nil }
        }
    }

    private static func requestLine(_ line: ArraySlice<UInt8>) -> HTTPRequest? {
        let words = line.split(separator: 0x20)
        guard words.count == 3, words[2].starts(with: "HTTP/1.".utf8) else { return nil }
        let target = words[1].split(separator: 0x3F, maxSplits: 1, omittingEmptySubsequences: false)
        return HTTPRequest(
            method: text(words[0]), path: text(target[0]), query: target.count > 1 ? text(target[1]) : "",
            keepsAlive: words[2].last == 0x31)
    }

    /// - Returns: false for a header that makes the request's end unknown.
    private mutating func take(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool {
        // The few names of interest differ in length, so most lines are told by that.
        switch name.count {
        case 6 where Self.equal(name, "expect"): expectsContinue = true
        case 9 where Self.equal(name, "x-api-key"): request.apiKey = Self.text(value)
        case 10 where Self.equal(name, "connection"):
            if Self.equal(value, "close") { request.keepsAlive = false }
            if Self.equal(value, "keep-alive") { request.keepsAlive = true }
        case 14 where Self.equal(name, "content-length"):
            guard let length = Int(Self.text(value)), length >= 0, framing != .chunked else { return false }
            framing = .length(length)
        case 15 where Self.equal(name, "x-forwarded-for"): request.forwardedFor = Self.text(value)
        case 17 where Self.equal(name, "transfer-encoding"):
            guard Self.equal(value, "chunked") else { return false }
            framing = .chunked
        default: break
        }
        return true
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Compares ASCII without regard to case.
    private static func equal(_ bytes: ArraySlice<UInt8>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        let lower = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return zip(bytes, lower).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let last = bytes.last, last == 0x20 || last == 0x09 || last == 0x0D { bytes.removeLast() }
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        return bytes
    }
}
