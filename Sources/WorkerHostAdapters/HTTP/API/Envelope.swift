import WorkerHostCore

/// The JSON that the API puts around every answer, found also behind the HTML of PHP's warnings.
struct Envelope: Sendable {
    /// The member `success`; nil in the answers of the parts in front of the API (key, rate limit, request size).
    private(set) var success: Bool?
    /// The members `error` and `message`, and what `details` lists.
    private(set) var error: String?
    private(set) var message: String?
    private(set) var details: [String] = []
    /// Where the bytes of `data` lie in the body.
    private(set) var data: Range<Int>?
    /// The member `retry_after`, in seconds.
    private(set) var retryAfter: Double?

    /// So many places are tried as the envelope's beginning: a page full of them must not cost much.
    private static let mostTries = 8

    /// Reads a body; nil if it holds no envelope.
    static func find(in body: [UInt8]) -> Envelope? {
        body.withUnsafeBufferPointer { bytes in
            guard let end = bytes.lastIndex(of: 0x7D) else { return nil }
            if let start = bytes.firstIndex(where: { $0 > 0x20 }), start < end, bytes[start] == 0x7B,
                let whole = read(bytes, start..<end + 1)
            {
                return whole
            }
            var from = end
            for _ in 0..<mostTries {
                guard let start = lastStart(in: bytes, before: from) else { return nil }
                if let found = read(bytes, start..<end + 1) { return found }
                from = start
            }
            return nil
        }
    }

    private static let opening = Array(#"{"success""#.utf8)

    /// Where the last envelope before that place may begin.
    private static func lastStart(in bytes: UnsafeBufferPointer<UInt8>, before end: Int) -> Int? {
        var start = end - opening.count
        while start >= 0 {
            if bytes[start] == 0x7B, bytes[start..<start + opening.count].elementsEqual(opening) { return start }
            start -= 1
        }
        return nil
    }

    private static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Envelope? {
        var envelope = Envelope()
        do throws(JSONError) {
            try JSONScanner.members(of: bytes, in: range) { envelope.note($0, bytes) }
        } catch {
            return nil
        }
        return envelope
    }

    private mutating func note(_ member: JSONScanner.Member, _ bytes: UnsafeBufferPointer<UInt8>) {
        let name = bytes[member.name]
        if name.elementsEqual("success".utf8) {
            success = JSONBytes.truth(member.value, bytes)
        } else if name.elementsEqual("data".utf8) {
            data = member.value
        } else if name.elementsEqual("error".utf8) {
            error = JSONBytes.text(member.value, bytes)
        } else if name.elementsEqual("message".utf8) {
            message = JSONBytes.text(member.value, bytes)
        } else if name.elementsEqual("retry_after".utf8) {
            retryAfter = JSONBytes.text(member.value, bytes).flatMap { Double($0) }
        } else if name.elementsEqual("details".utf8), bytes[member.value.lowerBound] == 0x5B {
            var texts: [String] = []
            do throws(JSONError) {
                try JSONScanner.elements(of: bytes, in: member.value) { range in
                    if texts.count < 10, let text = JSONBytes.text(range, bytes) { texts.append(text) }
                }
            } catch {
                // The scan of the whole envelope has accepted these bytes already.
                texts = []
            }
            details = texts
        }
    }

    /// What the server says is wrong, in one line.
    var complaint: String? {
        let text = error ?? message
        guard let text else { return details.isEmpty ? nil : details.joined(separator: "; ") }
        let parts = [text] + (error != nil && success == nil ? [message].compactMap { $0 } : []) + details
        return parts.joined(separator: ": ")
    }
}
