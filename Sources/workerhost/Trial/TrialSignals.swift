import Synchronization
import UnixSignals

/// The signals that end a program, while a worker runs that is to be ended first.
final class TrialSignals: Sendable {
    /// One of them.
    enum Name: String, CustomStringConvertible {
        case interrupt = "SIGINT"
        case terminate = "SIGTERM"
        case hangUp = "SIGHUP"

        var description: String { rawValue }

        var number: Int32 {
            switch self {
            case .interrupt: 2
            case .terminate: 15
            case .hangUp: 1
            }
        }
    }

    private let seen = Mutex<[Name]>([])

    /// What the command ends with; nil if no signal came.
    var exitCode: CommandFailure.Code? {
        seen.withLock { $0.first.map { $0 == .interrupt ? .interrupted : .terminated } }
    }

    /// Watches from now on until the program ends.
    /// - Parameters:
    ///   - ignoringInterrupts: SIGINT and SIGQUIT are somebody else's.
    ///   - onSignal: the signal, and how many came so far.
    static func watch(
        ignoringInterrupts: Bool = false, _ onSignal: @escaping @Sendable (Name, Int) -> Void
    ) async -> TrialSignals {
        let own = TrialSignals()
        let trapped: [UnixSignal] = [.sigint, .sigterm, .sighup] + (ignoringInterrupts ? [.sigquit] : [])
        let signals = await UnixSignalsSequence(trapping: trapped)
        Task {
            for await signal in signals {
                let name: Name
                switch signal {
                case .sigint: name = .interrupt
                case .sigterm: name = .terminate
                case .sighup: name = .hangUp
                default: continue
                }
                if ignoringInterrupts, name == .interrupt { continue }
                let count = own.seen.withLock { seen in
                    seen.append(name)
                    return seen.count
                }
                onSignal(name, count)
            }
        }
        return own
    }
}
