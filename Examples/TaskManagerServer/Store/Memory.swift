import Synchronization
import WorkerHostCore

/// What the server knows beyond the queue; the journal restores it.
final class Memory: Sendable {
    struct State: Sendable {
        var types: [TaskType] = []
        /// Indexes of `types` by the name in lower case: names that differ only in case are one type.
        private var names: [String: Int] = [:]
        private var queueTypes: [String: Int] = [:]
        /// Names that are being registered.
        var registering: Set<String> = []
        var claims = Claims()
        var notes: [Int64: TaskNote] = [:]

        func type(named name: String) -> TaskType? { names[name.lowercased()].map { types[$0] } }

        func type(id: Int) -> TaskType? { types.indices.contains(id - 1) ? types[id - 1] : nil }

        func type(inQueue name: String) -> TaskType? { queueTypes[name].map { types[$0] } }

        /// Adds a type, or changes the one of that name.
        /// - Returns: the type, and whether it is new.
        @discardableResult
        mutating func register(
            _ name: String, version: String, schema: RawJSON, at: Timestamp
        ) -> (type: TaskType, isNew: Bool) {
            if let index = names[name.lowercased()] {
                types[index].update(version: version, schema: schema, at: at)
                return (types[index], false)
            }
            let type = TaskType(id: types.count + 1, name: name, version: version, schema: schema, at: at)
            names[name.lowercased()] = types.count
            queueTypes[type.queueType] = types.count
            types.append(type)
            return (type, true)
        }

        mutating func note(_ task: Int64, _ change: (inout TaskNote) -> Void) {
            var note = notes[task] ?? TaskNote()
            change(&note)
            notes[task] = note.isEmpty ? nil : note
        }
    }

    let state = Mutex(State())
}

extension Memory.State {
    /// Does again what a line of the journal tells.
    mutating func apply(_ entry: JournalEntry) {
        if entry.event == .type, let name = entry.text {
            register(name, version: entry.version ?? "", schema: entry.value ?? .emptyObject, at: entry.at)
            return
        }
        guard let task = entry.task else { return }
        switch entry.event {
        case .claim:
            let isHandedOn = claims[task] != nil
            claims.add(
                task,
                Claims.Claim(
                    worker: entry.worker ?? "", token: entry.token ?? "", attempt: entry.attempt ?? 1, at: entry.at,
                    type: entry.type ?? 0))
            if isHandedOn { note(task) { $0.handedOn += 1 } }
        case .completed, .failed, .retried:
            claims.remove(task)
            note(task) { note in
                note.partial = entry.event == .completed ? nil : entry.value
                note.error = entry.event == .completed ? entry.text : nil
            }
        case .recovered: claims.remove(task)
        case .progress: note(task) { $0.progress = entry.percent ?? 0 }
        case .repeated, .type: break
        }
    }
}
