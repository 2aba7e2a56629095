/// What a worker sent in one MessagePack frame.
enum MessagePackMessage: Sendable {
    /// A reply to the task `id`, or to the oldest open one. ``Said`` is `.success` or `.failure`.
    case reply(id: String?, Said)
    /// The worker has started and waits for tasks, so many of which it works on side by side.
    case ready(concurrency: Int)
    /// How far a task is.
    case progress(id: String?, percent: Double?, message: String?)
    /// A line for the log.
    case log(id: String?, level: String?, message: String?)
    /// A map that is none of these; `kind` is what it says to be.
    case unknown(kind: String?)
    /// A frame that cannot be read, or a reply whose result JSON cannot hold; `id` as far as it is known.
    case unreadable(id: String?, MessagePackDecodingError)
}
