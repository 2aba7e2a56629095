/// What a path stands for.
enum Endpoint: Sendable, Equatable {
    case health
    case register
    case types
    case type(String)
    case create
    case tasks
    case claim
    case task(String)
    case progress(String)
    case complete(String)

    /// nil for anything else.
    init?(_ method: String, _ path: String, _ face: Face) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        switch (method, parts.count, parts.first) {
        case ("GET", 1, "health"): self = .health
        case ("GET", 1, "task-types"): self = .types
        case ("POST", 2, "task-types") where parts[1] == "register": self = .register
        case ("GET", 2..., "task-types") where !parts[1].isEmpty:
            self = .type(parts.dropFirst().joined(separator: "/"))
        case ("GET", 1, "tasks"): self = .tasks
        case ("POST", 1, "tasks"): self = .create
        case ("POST", 2, "tasks") where parts[1] == "claim": self = .claim
        case ("GET", 2, "tasks") where !parts[1].isEmpty: self = .task(parts[1])
        case ("POST", 3, "tasks") where parts[2] == "progress": self = .progress(parts[1])
        case ("POST", 3, "tasks") where parts[2] == "complete": self = .complete(parts[1])
        default: return nil
        }
    }

    /// Whether it changes something that a client may ask for again: what faults are made for.
    var isWork: Bool {
        switch self {
        case .create, .claim, .progress, .complete: true
        default: false
        }
    }
}
