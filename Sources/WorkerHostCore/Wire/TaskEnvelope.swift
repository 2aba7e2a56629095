/// Writes a task as the JSON document that a worker reads.
enum TaskEnvelope {
    /// `{"id":…,"type":…,"params":…,"metadata":{…}}` with a line end, `params` byte for byte.
    static func encode(_ task: WorkerTask) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160 + task.id.utf8.count + task.type.utf8.count + task.params.bytes.count)
        bytes.append(contentsOf: #"{"id":"#.utf8)
        JSONText.append(task.id, to: &bytes)
        bytes.append(contentsOf: #","type":"#.utf8)
        JSONText.append(task.type, to: &bytes)
        bytes.append(contentsOf: #","params":"#.utf8)
        bytes.append(contentsOf: task.params.bytes)
        bytes.append(contentsOf: #","metadata":"#.utf8)
        append(task.metadata, to: &bytes)
        bytes.append(contentsOf: "}\n".utf8)
        return bytes
    }

    private static func append(_ metadata: TaskMetadata, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"attempt":"#.utf8)
        bytes.append(contentsOf: String(metadata.attempt).utf8)
        bytes.append(contentsOf: #","priority":"#.utf8)
        bytes.append(contentsOf: String(metadata.priority).utf8)
        if let createdAt = metadata.createdAt {
            bytes.append(contentsOf: #","created_at":"#.utf8)
            append(createdAt, to: &bytes)
        }
        if let deadline = metadata.deadline {
            bytes.append(contentsOf: #","deadline":"#.utf8)
            append(deadline, to: &bytes)
        }
        if let extra = metadata.extra {
            bytes.append(contentsOf: #","extra":"#.utf8)
            bytes.append(contentsOf: extra.bytes)
        }
        bytes.append(0x7D)
    }

    private static func append(_ time: Timestamp, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        time.append(to: &bytes)
        bytes.append(0x22)
    }
}
