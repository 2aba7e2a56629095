import WorkerHostCore

/// One accepted change, as a line of the journal.
struct JournalEntry: Sendable {
    /// What happened.
    enum Event: String, Sendable {
        /// A task type was registered or changed.
        case type
        /// A task was given to a worker.
        case claim
        /// A task ended well: once for each task.
        case completed
        /// A task finally failed.
        case failed
        /// A failure was reported, and the task is pending again.
        case retried
        /// A report for a task that just had been completed was answered as if it counted; the first one is kept.
        case repeated
        /// How far a task is.
        case progress
        /// A task had ended in the queue, but the server was killed before it could write so here.
        case recovered
    }

    var event: Event
    var at = Timestamp.now
    var task: Int64?
    /// The id of the task's type.
    var type: Int?
    /// The `worker_id`.
    var worker: String?
    var attempt: Int?
    /// What the queue knows the lease by.
    var token: String?
    var percent: Int?
    /// A result, or a type's schema.
    var value: RawJSON?
    /// An error text, or a type's name.
    var text: String?
    /// A type's version.
    var version: String?

    init(_ event: Event) { self.event = event }

    /// The line, with its end.
    var line: [UInt8] {
        var writer = JSONWriter()
        writer.add("at", Int(at.microseconds))
        writer.add("event", event.rawValue)
        if let task { writer.add("task", Int(task)) }
        if let type { writer.add("type", type) }
        if let worker { writer.add("worker", worker) }
        if let attempt { writer.add("attempt", attempt) }
        if let token { writer.add("token", token) }
        if let percent { writer.add("percent", percent) }
        if let text { writer.add("text", text) }
        if let version { writer.add("version", version) }
        // White space between the tokens of a value may be line ends; inside of its texts there can be none.
        if let value { writer.add("value", raw: value.bytes.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }) }
        return writer.object + [0x0A]
    }

    /// Reads a line; nil for one that was cut off.
    init?(line: some Collection<UInt8>) {
        guard let body = JSONBody(Array(line)), let event = body["event"].text.flatMap(Event.init(rawValue:)) else {
            return nil
        }
        self.event = event
        at = Timestamp(microseconds: Int64(body["at"].integer ?? 0))
        task = body["task"].integer.map(Int64.init)
        type = body["type"].integer
        worker = body["worker"].text
        attempt = body["attempt"].integer
        token = body["token"].text
        percent = body["percent"].integer
        text = body["text"].text
        version = body["version"].text
        value = body.raw("value")
    }
}
