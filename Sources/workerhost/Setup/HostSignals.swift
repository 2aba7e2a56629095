import Logging
import Synchronization
import UnixSignals
import WorkerHostCore

/// Turns signals into what they mean for a host: SIGTERM and SIGINT end it in an orderly way, SIGHUP reloads its
/// configuration.
final class HostSignals: Sendable {
    private struct State {
        var first: String?
        var count = 0
    }

    private let state = Mutex(State())

    /// The first signal that asked for the end.
    var received: String? { state.withLock { $0.first } }

    /// Watches from now on until the program ends: the first SIGTERM or SIGINT drains, each further one hurries.
    static func watch(_ host: WorkerHost, reloader: ConfigurationReloader, logger: Logger) async -> HostSignals {
        let watch = HostSignals()
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        Task {
            for await signal in signals {
                if signal == .sighup {
                    logger.notice("Loading the configuration again.", metadata: ["signal": "SIGHUP"])
                    reloader.reload()
                } else {
                    watch.take(signal == .sigint ? "SIGINT" : "SIGTERM", host, logger)
                }
            }
        }
        return watch
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
