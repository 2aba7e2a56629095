import Synchronization
import WorkerHostCore

extension TaskStore {
    enum Registration: Sendable {
        case created(TaskType)
        case updated(TaskType)
        /// Somebody else registers the same new name right now.
        case collision
    }

    func type(named name: String) -> TaskType? { memory.state.withLock { $0.type(named: name) } }

    func type(id: Int) -> TaskType? { memory.state.withLock { $0.type(id: id) } }

    var types: [TaskType] { memory.state.withLock { $0.types } }

    func register(_ name: String, version: String, schema: RawJSON) async throws -> Registration {
        let key = name.lowercased()
        let isAlone = memory.state.withLock { state in
            state.type(named: name) != nil || state.registering.insert(key).inserted
        }
        guard isAlone else { return .collision }
        defer { memory.state.withLock { _ = $0.registering.remove(key) } }
        var entry = JournalEntry(.type)
        entry.text = name
        entry.version = version
        entry.value = schema
        try await journal.append([entry])
        let (type, isNew) = memory.state.withLock { state in
            state.register(name, version: version, schema: schema, at: entry.at)
        }
        return isNew ? .created(type) : .updated(type)
    }
}
