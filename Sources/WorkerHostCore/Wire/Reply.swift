/// What a worker said about a task, as far as its output can be understood.
enum Said: Sendable {
    /// Not a byte, or only white space.
    case nothing
    /// Output without a reply in it.
    case garbage(preview: String)
    /// The beginning of a reply that breaks off.
    case half(JSONError)
    /// More output than allowed.
    case tooMuch(limit: Int)
    /// A reply for another task.
    case wrongTask(id: String)
    /// A reply that says success.
    case success(TaskResult)
    /// A reply that says failure.
    case failure(ReplyError)

    /// Whether it is a reply to the task.
    var isReply: Bool {
        switch self {
        case .success, .failure: true
        default: false
        }
    }
}

/// The `error` of a reply.
struct ReplyError: Sendable, Hashable {
    var type: String?
    var message: String?
    var traceback: String?
    var retryPossible: Bool?
    /// The wait before another attempt that the worker asks for.
    var retryAfter: Duration?
}
