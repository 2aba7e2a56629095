import WorkerHostCore

/// What came of a call that claims a task or looks a type up.
enum ClaimAnswer: Sendable {
    /// A task.
    case task(ClaimedTask)
    /// Claimed tasks, and under which texts.
    case claims([(id: String, worker: String)])
    /// No task waits.
    case none
    /// The server's number for a type.
    case typeKnown(id: String)
    /// The server does not know the type.
    case typeUnknown
    /// The same call may succeed in a moment.
    case contention
    /// Too many calls.
    case limited(String, wait: Duration?)
    /// The server will not do this, for this type.
    case refused(String)
    /// The server does not answer, or refuses the key.
    /// - Parameter isLost: it may have done what it was asked for.
    case failed(String, wait: Duration?, isLost: Bool = false)

    /// Whether work can flow: the server has answered as it should.
    var isAnswered: Bool {
        switch self {
        case .task, .claims, .none, .typeKnown, .typeUnknown, .contention, .refused: true
        case .limited, .failed: false
        }
    }

    /// Reads an answer.
    init(_ order: ClaimOrder, _ result: Result<HTTPResponse, HTTPError>) {
        switch result {
        case .failure(let error):
            self = .failed(error.description, wait: nil, isLost: error.mayHaveArrived && error.code != .cancelled)
        case .success(let response): self.init(order, Judge.verdict(order.endpoint, response), response.body)
        }
    }

    private init(_ order: ClaimOrder, _ verdict: Verdict, _ body: [UInt8]) {
        switch verdict {
        case .done(let data):
            self = Self.read(order, data, body)
        case .noTask: self = .none
        case .contention: self = .contention
        case .tooManyCalls(let words, let wait): self = .limited(words, wait: wait.map { .seconds($0) })
        // The address is right for all others.
        case .refused(let words) where order.looksForHiddenName,
            .wrongAddress(let words) where order.looksForHiddenName:
            self = .refused("\(words): \(APIPath.hiddenName)")
        case .refused(let words), .tooLong(let words): self = .refused(words)
        case .unavailable(let words, let wait):
            self = .failed(words, wait: wait.map { .seconds($0) }, isLost: true)
        case .unauthorized(let words):
            self = .failed(
                "the key is refused (\(words)): correct task_manager.api_key and start the host again", wait: nil)
        case .wrongAddress(let words):
            self = .failed(
                "\(words): is task_manager.url the API's address, with its path ('…/api')?", wait: nil)
        case .unknownTask: self = .none
        case .notClaimed, .claimedByAnother:
            self = .failed("the answer has nothing to do with the call", wait: nil)
        }
    }

    private static func claims(_ body: [UInt8], _ data: Range<Int>) -> [(id: String, worker: String)] {
        body.withUnsafeBufferPointer { bytes in
            JSONBytes.all(data, bytes).compactMap { row in
                guard let task = ClaimedTask(bytes, row, nil), let worker = task.claimedBy else { return nil }
                return (task.id, worker)
            }
        }
    }

    private static func read(_ order: ClaimOrder, _ data: Range<Int>?, _ body: [UInt8]) -> ClaimAnswer {
        switch order.kind {
        case .claim:
            guard let data, let task = ClaimedTask(body, data: data, asked: order.type) else {
                return .failed("it says that a task was claimed, and not which", wait: nil)
            }
            return .task(task)
        case .search: return .claims(data.map { claims(body, $0) } ?? [])
        case .adopt(let worker):
            guard let data, let task = ClaimedTask(body, data: data, asked: order.type), task.status == "claimed",
                task.claimedBy == worker
            else { return .none }
            return .task(task)
        case .lookUp, .register:
            let id = data.flatMap { data in
                body.withUnsafeBufferPointer { bytes -> String? in
                    guard let object = JSONBytes.single(data, bytes) else { return nil }
                    var id: String?
                    JSONBytes.members(of: bytes, in: object) { name, value in
                        if name.elementsEqual("id".utf8) { id = JSONBytes.text(value, bytes) }
                    }
                    return id
                }
            }
            return id.map { .typeKnown(id: $0) } ?? .typeUnknown
        }
    }
}
