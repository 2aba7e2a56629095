import WorkerHostCore

/// A task as a claim, or a look at it, tells about it.
struct ClaimedTask: Sendable {
    var id: String
    var type: String
    var params: RawJSON
    var attempts: Int
    var priority: Int
    /// Only where a task is looked at.
    var status: String?
    var claimedBy: String?

    /// Reads `data`, an object or a list with one; nil if it tells of no task.
    /// - Parameter asked: the type that was asked for; the server does not tell types apart by case.
    init?(_ body: [UInt8], data: Range<Int>, asked: String?) {
        let task = body.withUnsafeBufferPointer { bytes in
            JSONBytes.single(data, bytes).flatMap { ClaimedTask(bytes, $0, asked) }
        }
        guard let task else { return nil }
        self = task
    }

    init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ asked: String?) {
        var id: String?
        var type: String?
        var params: Range<Int>?
        var status: String?
        var claimedBy: String?
        var attempts: Int?
        var priority: Int?
        JSONBytes.members(of: bytes, in: range) { name, value in
            switch name.count {
            case 2: if name.elementsEqual("id".utf8) { id = JSONBytes.text(value, bytes) }
            case 4: if name.elementsEqual("type".utf8) { type = JSONBytes.text(value, bytes) }
            case 6:
                if name.elementsEqual("params".utf8) { params = value }
                if name.elementsEqual("status".utf8) { status = JSONBytes.text(value, bytes) }
            case 8:
                if name.elementsEqual("attempts".utf8) { attempts = JSONBytes.int(value, bytes) }
                if name.elementsEqual("priority".utf8) { priority = JSONBytes.int(value, bytes) }
            case 10: if name.elementsEqual("claimed_by".utf8) { claimedBy = JSONBytes.text(value, bytes) }
            default: break
            }
        }
        guard let id, !id.isEmpty else { return nil }
        self.id = id
        let told = type ?? asked ?? ""
        self.type = asked.map { $0.lowercased() == told.lowercased() ? $0 : told } ?? told
        self.params = params.map { Self.params(bytes[$0]) } ?? .emptyObject
        self.attempts = max(1, attempts ?? 1)
        self.priority = priority ?? 0
        (self.status, self.claimedBy) = (status, claimedBy)
    }

    /// PHP makes `[]` of `{}`, and `null` of what it could not keep: a worker is given an object for both. Anything else
    /// goes on as it came, byte for byte; a list with elements then fails as `InvalidParameters`.
    private static func params(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> RawJSON {
        if bytes.first == 0x6E { return .emptyObject }
        if bytes.first == 0x5B, bytes.dropFirst().first(where: { $0 > 0x20 }) == 0x5D { return .emptyObject }
        return RawJSON(unchecked: Array(bytes))
    }
}
