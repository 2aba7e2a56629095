import Foundation
import Logging
import Synchronization
import WorkerHostCore

/// Keeps a running host's record up to date.
final class HostRecordKeeper: Observer {
    private struct State {
        var host: WorkerHost?
        var record: HostRecord?
        /// The configuration's text while it is not written.
        var text: String?
        var hasComplained = false
    }

    private let directory: HostRecordDirectory
    private let file: String
    private let logger: Logger
    private let state = Mutex(State())

    var scope: ObserverScope { .host }

    /// - Parameter file: the configuration's file.
    init(configuration: HostConfiguration, file: String, logger: Logger) {
        directory = HostRecordDirectory(stateDirectory: configuration.stateDirectory)
        self.file = URL(fileURLWithPath: file).path
        self.logger = logger
    }

    /// Begins with the host that is told about.
    /// - Parameter text: the configuration's text.
    func begin(_ host: WorkerHost, text: String) {
        state.withLock { state in
            state.host = host
            state.record = HostRecord(id: host.identity.id, process: .own, file: file, loadedAt: .now)
            state.text = text
        }
    }

    /// Notes that the file was loaded again.
    func reloaded(text: String, _ plan: ReloadPlan) {
        state.withLock { state in
            state.text = text
            state.record?.loadedAt = .now
            state.record?.reloads += 1
            state.record?.atNextStart = plan.atNextStart.map(\.key)
            state.record?.refusal = nil
        }
        write()
    }

    /// The host has ended.
    func end() {
        state.withLock { state in
            if let record = state.record.take() { directory.remove(record.id) }
        }
    }

    /// Writes the record when something in it has changed.
    func onHostStateChanged(_ change: HostStateChange) async {
        switch change {
        case .running: directory.sweep()
        case .configurationRefused(let reasons):
            state.withLock { $0.record?.refusal = HostRecord.Refusal(at: .now, reasons: reasons) }
        case .workerUnavailable, .workerProbeFailed, .workerRecovered, .configurationReloaded, .workerRetired: break
        default: return
        }
        write()
    }

    private func write() {
        // Under the lock, so that an older record never replaces a newer one, and none comes behind the end.
        state.withLock { state in
            guard var record = state.record, let host = state.host else { return }
            let workers = host.workers
            record.troubles = workers.compactMap { worker in
                worker.trouble.map {
                    HostRecord.Trouble(
                        worker: worker.name, reason: $0.reason, since: $0.since, failedProbes: $0.failedProbes,
                        nextProbe: $0.nextProbe)
                }
            }
            record.leaving = workers.filter(\.isLeaving).map(\.name)
            state.record = record
            do {
                if let text = state.text { try directory.write(text: text, of: record.id) }
                state.text = nil
                try directory.write(record)
            } catch {
                // The host's work does not depend on it; once is enough.
                if !state.hasComplained {
                    logger.warning(
                        "What 'workerhost status' shows of this host cannot be written.",
                        metadata: ["error": "\(error)"])
                }
                state.hasComplained = true
            }
        }
    }
}
