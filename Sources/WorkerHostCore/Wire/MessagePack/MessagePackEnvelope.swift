/// Writes what the host sends to a worker as frames: a four-byte length and a MessagePack map.
enum MessagePackEnvelope {
    private static let prefixLength = 4

    /// The map `id`, `type`, `params`, `metadata`, with the same members as the JSON document of ``TaskEnvelope``.
    /// - Throws: ``MessagePackEncodingError`` if the parameters hold a number that MessagePack cannot.
    static func encode(_ task: WorkerTask) throws(MessagePackEncodingError) -> [UInt8] {
        var sink = begin(capacity: 192 + task.id.utf8.count + task.type.utf8.count + task.params.bytes.count)
        sink.put(0x84)
        put("id", &sink)
        put(task.id, &sink)
        put("type", &sink)
        put(task.type, &sink)
        put("params", &sink)
        try JSONToMessagePack.transcode(task.params.bytes, into: &sink, root: "/params")
        put("metadata", &sink)
        try put(task.metadata, &sink)
        return try end(&sink)
    }

    /// The map `control`, `id` that asks a worker to give a task up.
    static func cancel(_ taskID: String) throws(MessagePackEncodingError) -> [UInt8] {
        var sink = begin(capacity: 32 + taskID.utf8.count)
        sink.put(0x82)
        put("control", &sink)
        put("cancel", &sink)
        put("id", &sink)
        put(taskID, &sink)
        return try end(&sink)
    }

    private static func put(_ metadata: TaskMetadata, _ sink: inout ByteSink) throws(MessagePackEncodingError) {
        let optional = [metadata.createdAt != nil, metadata.deadline != nil, metadata.extra != nil]
        sink.put(0x80 | UInt8(2 + optional.filter(\.self).count))
        put("attempt", &sink)
        put(metadata.attempt, &sink)
        put("priority", &sink)
        put(metadata.priority, &sink)
        if let createdAt = metadata.createdAt {
            put("created_at", &sink)
            put(createdAt.description, &sink)
        }
        if let deadline = metadata.deadline {
            put("deadline", &sink)
            put(deadline.description, &sink)
        }
        if let extra = metadata.extra {
            put("extra", &sink)
            try JSONToMessagePack.transcode(extra.bytes, into: &sink, root: "/metadata/extra")
        }
    }

    private static func put(_ number: Int, _ sink: inout ByteSink) {
        JSONToMessagePack.write(signed: Int64(number), &sink)
    }

    private static func put(_ text: String, _ sink: inout ByteSink) {
        JSONToMessagePack.header(text.utf8.count, &sink)
        sink.append(text)
    }

    private static func begin(capacity: Int) -> ByteSink {
        var sink = ByteSink(capacity: capacity)
        for _ in 0..<prefixLength { sink.put(0) }
        return sink
    }

    private static func end(_ sink: inout ByteSink) throws(MessagePackEncodingError) -> [UInt8] {
        let count = sink.count - prefixLength
        guard let length = UInt32(exactly: count) else {
            throw MessagePackEncodingError(reason: .tooLong(count), path: "")
        }
        sink.patch(at: 0) { bytes in
            for index in 0..<prefixLength { bytes[index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index)) }
        }
        return sink.array
    }
}
