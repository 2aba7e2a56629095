import WorkerHostCore

/// A call that the claiming of tasks wants made.
struct ClaimOrder: Sendable {
    enum Kind: Sendable {
        /// Claims a task under this text.
        case claim(worker: String)
        /// Asks for the type's number.
        case lookUp
        /// Registers the type, which tells its number too.
        case register
        /// Lists the claimed tasks of the type, to find lost claims.
        case search
        /// Looks at the task of a lost claim that was made under this text.
        case adopt(worker: String)
    }

    let tag: Int
    let type: String
    let kind: Kind
    let request: HTTPRequest
    /// Before it is sent: the claim's end is counted from here.
    let sentAt: MonotonicTime
    let sentAtWall: Timestamp

    var endpoint: Endpoint {
        switch kind {
        case .claim: .claim
        case .lookUp: .readType
        case .register: .registerType
        case .search: .listTasks
        case .adopt: .readTask
        }
    }

    /// Whether the server cannot find the type by this call, even if it knows it.
    var looksForHiddenName: Bool { endpoint == .readType && APIPath.hidesName(ofType: type) }
}
