import Logging
import WorkerHostCore

/// Makes the observers that a configuration names.
enum ObserverFactory {
    /// The observers; kinds that this version does not have are named in the log.
    static func observers(for configuration: HostConfiguration, log: HostLog) -> [any Observer] {
        var observers: [any Observer] = []
        for entry in configuration.monitoring.observers where entry.enabled {
            switch entry.kind {
            case .logging:
                let (logger, flush) = log.gatheringLogger("workerhost.tasks")
                observers.append(
                    LoggingObserver(
                        logger: logger, captureWorkerOutput: configuration.logging.captureWorkerOutput, flush: flush))
            case .metrics, .alerting:
                log.logger("workerhost").warning(
                    "This version has no such observer; the entry is left out.",
                    metadata: ["observer": "\(entry.kind.rawValue)"])
            }
        }
        return observers
    }
}
