public import WorkerHostCore

/// The TaskManager's REST API for programs that make single calls: adding tasks and looking at them.
public final class HTTPTaskManagerAPI: Sendable {
    /// A task that was added.
    public struct AddedTask: Sendable, Hashable {
        /// The task.
        public let id: String
        /// Whether there was one with the same type and params already, which it is then.
        public let wasDuplicate: Bool
    }

    /// A task as the server shows it.
    public struct ShownTask: Sendable, Hashable {
        /// The task.
        public let id: String
        /// `pending`, `claimed`, `completed` or `failed`.
        public let status: String
        /// The result of a completed task.
        public let result: RawJSON?
        /// The last error.
        public let error: String?
    }

    private let client: HTTPClient
    /// How often a call is tried that met another one in the server's database.
    private static let mostTries = 20

    /// - Throws: ``HTTPError`` if the server may not be called like this.
    public init(_ address: ServerAddress, settings: HTTPClientSettings) throws(HTTPError) {
        client = try HTTPClient(address, settings)
    }

    /// Adds tasks, several at once; each is there or not when this throws.
    /// - Throws: ``HTTPError`` or ``HTTPTaskManagerError`` for the first that could not be added.
    public func add(_ tasks: [(type: String, params: RawJSON)]) async throws -> [AddedTask] {
        var added = [AddedTask?](repeating: nil, count: tasks.count)
        var open = Array(tasks.indices)
        var round = 0
        while !open.isEmpty {
            round += 1
            if round > 1 { try await Task.sleep(for: .milliseconds(20 * min(round, 20)) * Double.random(in: 0.5..<1)) }
            let results = await client.send(
                open.map {
                    .post(APIPath.create, RequestBodies.creation(type: tasks[$0].type, params: tasks[$0].params))
                })
            var again: [Int] = []
            for (index, result) in zip(open, results) {
                let response = try result.get()
                switch Judge.verdict(.createTask, response) {
                case .done(let data): added[index] = try Self.added(response.body, data)
                case .contention(let words):
                    guard round < Self.mostTries else { throw HTTPTaskManagerError(words, isTransient: true) }
                    again.append(index)
                case let verdict: throw Self.error(verdict, tasks[index].type)
                }
            }
            open = again
        }
        return added.compactMap { $0 }
    }

    /// Looks at tasks; nil for those that are not there.
    /// - Throws: ``HTTPError`` or ``HTTPTaskManagerError``.
    public func tasks(_ ids: [String]) async throws -> [ShownTask?] {
        let results = await client.send(ids.map { .get(APIPath.task($0)) })
        var shown: [ShownTask?] = []
        for result in results {
            let response = try result.get()
            switch Judge.verdict(.readTask, response) {
            case .done(let data): shown.append(data.flatMap { Self.shown(response.body, $0) })
            case .unknownTask: shown.append(nil)
            case let verdict: throw Self.error(verdict)
            }
        }
        return shown
    }

    func send(_ requests: [HTTPRequest]) async -> [Result<HTTPResponse, HTTPError>] { await client.send(requests) }

    /// Ends the client.
    public func close() async { await client.close() }

    private static func added(_ body: [UInt8], _ data: Range<Int>?) throws(HTTPTaskManagerError) -> AddedTask {
        var id: String?
        var wasDuplicate = false
        body.withUnsafeBufferPointer { bytes in
            guard let data, let object = JSONBytes.single(data, bytes) else { return }
            JSONBytes.members(of: bytes, in: object) { name, value in
                if name.elementsEqual("id".utf8) { id = JSONBytes.text(value, bytes) }
                if name.elementsEqual("deduplicated".utf8) { wasDuplicate = JSONBytes.truth(value, bytes) ?? false }
            }
        }
        guard let id else {
            throw HTTPTaskManagerError("The TaskManager says that the task was added, and not its id.")
        }
        return AddedTask(id: id, wasDuplicate: wasDuplicate)
    }

    private static func shown(_ body: [UInt8], _ data: Range<Int>) -> ShownTask? {
        body.withUnsafeBufferPointer { bytes in
            guard let object = JSONBytes.single(data, bytes) else { return nil }
            var (id, status, error): (String?, String?, String?)
            var result: RawJSON?
            JSONBytes.members(of: bytes, in: object) { name, value in
                if name.elementsEqual("id".utf8) { id = JSONBytes.text(value, bytes) }
                if name.elementsEqual("status".utf8) { status = JSONBytes.text(value, bytes) }
                if name.elementsEqual("error_message".utf8) { error = JSONBytes.text(value, bytes) }
                if name.elementsEqual("result".utf8) { result = RawJSON(unchecked: Array(bytes[value])) }
            }
            guard let id, let status else { return nil }
            return ShownTask(id: id, status: status, result: result, error: error)
        }
    }

    /// What a call that was not done came to.
    static func error(_ verdict: Verdict, _ type: String = "") -> HTTPTaskManagerError {
        let isTransient =
            switch verdict {
            case .contention, .tooManyCalls, .unavailable: true
            default: false
            }
        return HTTPTaskManagerError(words(verdict, type), isTransient: isTransient)
    }

    /// The same for people.
    static func words(_ verdict: Verdict, _ type: String) -> String {
        switch verdict {
        case .refused(let words) where words.hasPrefix("Task type not found"):
            "The TaskManager does not know the task type '\(type)': register it, for example by a host whose worker has a "
                + "schema and task_manager.register_task_types: true."
        case .refused(let words) where words.contains("'params' must be of type object"):
            "The TaskManager refuses the params (\(words)): it takes only an object with at least one member."
        case .refused(let words): "The TaskManager refuses it: \(words)."
        case .tooLong(let words): "It is too large for the TaskManager: \(words)."
        case .unauthorized(let words): "The TaskManager refuses the key (\(words)): correct task_manager.api_key."
        case .tooManyCalls(let words, _): "The TaskManager limits calls: \(words)."
        case .wrongAddress(let words): "There is no API at task_manager.url: \(words)."
        case .unavailable(let words, _), .contention(let words): "The TaskManager cannot answer now: \(words)."
        case .done, .noTask, .notClaimed, .claimedByAnother, .unknownTask:
            "The TaskManager's answer has nothing to do with the call."
        }
    }
}
