/// The states of a row of `tasks`; `pending` is two of them, so that a claim need not step over delayed tasks.
enum RowStatus: Int64 {
    case ready = 0
    case delayed = 1
    case running = 2
    case completed = 3
    case failed = 4

    var status: StoredTask.Status {
        switch self {
        case .ready, .delayed: .pending
        case .running: .running
        case .completed: .completed
        case .failed: .failed
        }
    }
}

/// How the dedupe key of a task is held.
enum DedupeState: Int64 {
    case free = 0
    case untilFinished = 1
    case forever = 2

    init(_ scope: NewTask.DedupeScope) {
        self = scope == .forever ? .forever : .untilFinished
    }
}
