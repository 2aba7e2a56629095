/// A task as a worker reads it, with the liberty to leave parts out: what no host sends is part of the checks.
struct TaskText: Sendable {
    /// nil leaves the member out.
    var id: String?
    var type: String
    /// JSON; nil leaves the member out.
    var params: [UInt8]?
    /// Whether members are added that no version has yet.
    var hasUnknownMembers = false

    /// One JSON document without a line end.
    var json: [UInt8] {
        var bytes: [UInt8] = [0x7B]
        if let id {
            bytes += #""id":"#.utf8
            JSONText.append(id, to: &bytes)
            bytes.append(0x2C)
        }
        bytes += #""type":"#.utf8
        JSONText.append(type, to: &bytes)
        if let params {
            bytes += #","params":"#.utf8
            bytes += params
        }
        bytes += #","metadata":{"attempt":1,"priority":0,"created_at":"#.utf8
        JSONText.append(Timestamp.now.description, to: &bytes)
        if hasUnknownMembers { bytes += #","x_check":{"of":["the","future"]}"#.utf8 }
        bytes.append(0x7D)
        if hasUnknownMembers { bytes += #","x_check":[1,null,"a member of the future"]"#.utf8 }
        bytes.append(0x7D)
        return bytes
    }

    /// What a process is sent.
    /// - Throws: ``MessagePackEncodingError`` for parameters that the format cannot hold.
    func frame(_ subject: ConformanceSubject) throws(MessagePackEncodingError) -> [UInt8] {
        subject.isMessagePack ? try Self.messagePack(json) : json + [0x0A]
    }

    /// A JSON document as a MessagePack frame.
    static func messagePack(_ json: [UInt8]) throws(MessagePackEncodingError) -> [UInt8] {
        var sink = ByteSink(capacity: json.count + 64)
        try JSONToMessagePack.transcode(json, into: &sink)
        return prefixed(sink.array)
    }

    /// Any bytes behind their length.
    static func prefixed(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: bytes.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + bytes
    }
}
