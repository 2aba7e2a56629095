import ArgumentParser
import WorkerHostSQLite

/// The states as the command line names them.
enum StatusChoice: String, CaseIterable, ExpressibleByArgument {
    case pending
    case running
    case completed
    case failed

    /// The queue's name for the state.
    var status: StoredTask.Status {
        switch self {
        case .pending: .pending
        case .running: .running
        case .completed: .completed
        case .failed: .failed
        }
    }
}
