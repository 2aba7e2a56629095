/// What a queue takes on the disk.
public struct QueueStorage: Sendable, Hashable {
    /// The queue file, in bytes.
    public let fileSize: Int64
    /// Its write-ahead log, in bytes; cut back when it was written into the file.
    public let logSize: Int64
    /// How much of the file is free for new tasks, in bytes.
    public let freeBytes: Int64
    /// Whether free space can be given back while hosts work; files of older versions must be compacted once for that
    /// (``SQLiteTaskManager/compact()``).
    public let canShrink: Bool

    /// The file and its log, in bytes.
    public var totalSize: Int64 { fileSize + logSize }
}
