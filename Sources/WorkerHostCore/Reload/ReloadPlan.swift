/// What putting another configuration in force would do, worker by worker.
///
/// Made from two configurations alone. ``WorkerHost/reload(_:)`` carries it out.
public struct ReloadPlan: Sendable, Hashable {
    /// What happens to one worker.
    public struct WorkerChange: Sendable, Hashable {
        /// The kinds of change.
        public enum Kind: String, Sendable, Hashable {
            /// It is new.
            case added
            /// It is gone: what runs is finished, its types are no longer leased.
            case removed
            /// Its settings differ.
            case changed
        }

        /// The worker's name.
        public let name: String
        /// What happens.
        public let kind: Kind
        /// What differs; empty unless it is changed.
        public let settings: [SettingChange]

        /// Whether new tasks run under new settings while those that run are finished under the old ones; false for a
        /// change that no process is touched by.
        public var replacesWorker: Bool {
            // A difference that no setting tells of counts as one that matters.
            kind == .changed
                && (settings.isEmpty
                    || settings.contains { !WorkerConfiguration.settingsWithoutEffect.contains($0.key) })
        }
    }

    /// The workers that are added, changed or removed; the others go on untouched.
    public let workers: [WorkerChange]
    /// Whether workers for the same types are tried in another order.
    public let reordersWorkers: Bool
    /// Settings of the host that take effect at once.
    public let settings: [SettingChange]
    /// Settings that take effect when the host is started again.
    public let atNextStart: [SettingChange]

    /// The way from one configuration to another.
    public init(from old: HostConfiguration, to new: HostConfiguration) {
        let before = Dictionary(old.workers.map { ($0.name, $0) }) { first, _ in first }
        var changes: [WorkerChange] = []
        for worker in new.workers {
            guard let known = before[worker.name] else {
                changes.append(WorkerChange(name: worker.name, kind: .added, settings: []))
                continue
            }
            guard known != worker else { continue }
            changes.append(
                WorkerChange(
                    name: worker.name, kind: .changed, settings: known.settings.changes(to: worker.settings)))
        }
        let names = Set(new.workers.map(\.name))
        for worker in old.workers where !names.contains(worker.name) {
            changes.append(WorkerChange(name: worker.name, kind: .removed, settings: []))
        }
        workers = changes
        let stayed = old.workers.map(\.name).filter(names.contains)
        reordersWorkers = stayed != new.workers.map(\.name).filter { before[$0] != nil }
        settings = old.liveSettings.changes(to: new.liveSettings)
        atNextStart = old.fixedSettings.changes(to: new.fixedSettings)
    }

    /// Whether the two configurations are the same.
    public var isEmpty: Bool { workers.isEmpty && !reordersWorkers && settings.isEmpty && atNextStart.isEmpty }

    /// The workers of that kind of change.
    public func names(_ kind: WorkerChange.Kind) -> [String] { workers.filter { $0.kind == kind }.map(\.name) }

    /// Why the plan should not be carried out: new or changed workers whose directory or program cannot be used. A worker
    /// that runs is not exchanged for one that cannot be started. Looks at the machine.
    /// - Parameter configuration: the one that the plan leads to; empty if it does not want paths to be looked at.
    public func problems(in configuration: HostConfiguration) -> [String] {
        guard configuration.security.validateWorkerPaths else { return [] }
        let new = Set(workers.filter { $0.kind == .added || $0.replacesWorker }.map(\.name))
        return configuration.workers.filter { new.contains($0.name) }
            .flatMap { PathPolicy().check($0).map(\.description) }
    }

    /// One line a change, for people; empty if nothing changes.
    public var lines: [String] {
        var lines = workers.map(Self.line)
        if reordersWorkers { lines.append("workers of the same types are tried in another order") }
        lines += settings.map { "\($0)" }
        lines += atNextStart.map { "\($0) (not before the host is started again)" }
        return lines
    }

    private static func line(_ change: WorkerChange) -> String {
        let worker = "worker '\(change.name)' is \(change.kind.rawValue)"
        switch change.kind {
        case .added: return worker
        case .removed: return "\(worker): what runs is finished, its types are no longer leased"
        case .changed:
            let settings = change.settings.map(\.description).joined(separator: "; ")
            return change.replacesWorker
                ? "\(worker): \(settings); what runs is finished as it was begun" : "\(worker): \(settings)"
        }
    }
}
