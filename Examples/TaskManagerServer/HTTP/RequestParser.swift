/// Finds requests in what a connection brings, however it is cut. No I/O.
struct RequestParser {
    /// What to do next.
    enum Step {
        /// Read more.
        case needsMore
        /// Say `100 Continue`, then read more.
        case sayContinue
        /// Answer this.
        case request(HTTPRequest)
        /// This is not HTTP: end the connection.
        case malformed
    }

    private enum State {
        case head
        case length(left: Int)
        case chunkSize
        case chunk(left: Int)
        case trailer
    }

    /// The largest body that is kept, in bytes.
    private let largestBody: Int
    private var bytes: [UInt8] = []
    /// Where in `bytes` the part begins that was not taken yet.
    private var start = 0
    private var state = State.head
    private var request: HTTPRequest?

    private static let largestHead = 64 << 10

    init(largestBody: Int) {
        self.largestBody = largestBody
    }

    /// Adds what was read.
    mutating func append(_ new: [UInt8]) {
        if start == bytes.count {
            bytes = new
            start = 0
        } else {
            bytes.append(contentsOf: new)
        }
    }

    /// Goes as far as the bytes allow.
    mutating func next() -> Step {
        while true {
            switch state {
            case .head:
                guard let end = endOfHead() else {
                    return bytes.count - start > Self.largestHead ? .malformed : .needsMore
                }
                guard let head = RequestHead(bytes[start..<end]) else { return .malformed }
                start = end
                request = head.request
                state = head.framing == .chunked ? .chunkSize : .length(left: 0)
                if case .length(let length) = head.framing { state = .length(left: length) }
                if head.expectsContinue { return .sayContinue }
            case .length(let left):
                let rest = takeBody(left)
                guard rest == 0 else {
                    state = .length(left: rest)
                    return .needsMore
                }
                return finished()
            case .chunkSize:
                guard let line = takeLine() else { return .needsMore }
                let digits = line.prefix { $0 != 0x3B && $0 != 0x0D && $0 != 0x20 }
                guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
                    return .malformed
                }
                // Two more for the line end behind the data.
                state = size == 0 ? .trailer : .chunk(left: size)
            case .chunk(let left):
                let rest = takeBody(left)
                state = .chunk(left: rest)
                guard rest == 0, bytes.count - start >= 2 else { return .needsMore }
                start += 2
                state = .chunkSize
            case .trailer:
                guard let line = takeLine() else { return .needsMore }
                if line.isEmpty || line.elementsEqual([0x0D]) { return finished() }
            }
        }
    }

    private mutating func finished() -> Step {
        state = .head
        defer { request = nil }
        guard let request else { return .malformed }
        return .request(request)
    }

    /// Behind the empty line; nil while it is not there.
    private func endOfHead() -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var place = start
            while place < bytes.count {
                guard bytes[place] == 0x0A else {
                    place += 1
                    continue
                }
                if place + 1 < bytes.count, bytes[place + 1] == 0x0A { return place + 2 }
                if place + 2 < bytes.count, bytes[place + 1] == 0x0D, bytes[place + 2] == 0x0A { return place + 3 }
                place += 1
            }
            return nil
        }
    }

    private mutating func takeLine() -> ArraySlice<UInt8>? {
        guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
        defer { start = end + 1 }
        return bytes[start..<end]
    }

    /// Takes at most `count` bytes of the body; returns how many are still to come.
    private mutating func takeBody(_ count: Int) -> Int {
        let taken = min(count, bytes.count - start)
        if taken > 0 {
            if (request?.body.count ?? 0) + taken > largestBody {
                request?.isTooLarge = true
                request?.body = []
            }
            if request?.isTooLarge == false { request?.body += bytes[start..<start + taken] }
            start += taken
        }
        return count - taken
    }
}
