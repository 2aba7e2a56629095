import Logging
import Synchronization
import UnixSignals
import WorkerHostCore

/// Turns the signals that end a program into the orderly end of a host.
final class StopSignals: Sendable {
    private struct State {
        var first: String?
        var count = 0
    }

    private let state = Mutex(State())

    /// The first signal that asked for the end.
    var received: String? { state.withLock { $0.first } }

    /// Watches from now on until the program ends: the first SIGTERM or SIGINT drains, each further one hurries.
    static func watch(_ host: WorkerHost, logger: Logger) async -> StopSignals {
        let stop = StopSignals()
        // SIGHUP will mean "reload". Until then it must at least not end the host.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        Task {
            for await signal in signals {
                if signal == .sighup {
                    logger.warning("SIGHUP: this version does not reload its configuration; restart the host for that.")
                    continue
                }
                stop.take(signal == .sigint ? "SIGINT" : "SIGTERM", host, logger)
            }
        }
        return stop
    }

    private func take(_ name: String, _ host: WorkerHost, _ logger: Logger) {
        let isFirst = state.withLock { state in
            state.count += 1
            if state.first == nil { state.first = name }
            return state.count == 1
        }
        if isFirst {
            logger.notice(
                "Stopping: running tasks are finished. Once more ends them now.", metadata: ["signal": "\(name)"])
            host.shutdown(reason: name)
        } else {
            logger.notice("Ending the workers now; their tasks go back.", metadata: ["signal": "\(name)"])
            host.hurry()
        }
    }
}
