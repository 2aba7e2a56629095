import WorkerHostCore

extension AdapterConformance.Check {
    static let waitChecks = [
        Self(name: "nothing to do is answered with nothing") { subject, record in
            let tasks = try await subject.adapter.receiveTasks(limit: 10, types: ["Check.*"])
            record.expect(tasks.isEmpty, "an empty queue gave \(tasks.count) tasks")
        },
        Self(name: "a waiting call gets a task that is added meanwhile") { subject, record in
            let waiting = Task { try await subject.take(1, patience: 20) }
            let id = try await subject.enqueue(1)[0]
            let tasks = try await waiting.value
            record.expect(tasks.map(\.task.id) == [id], "the waiting call got \(tasks.map(\.task.id)), not \(id)")
        },
        Self(name: "a cancelled call forgets no lease") { subject, record in
            let ids = Set(try await subject.enqueue(30))
            var taken: [LeasedTask] = []
            for round in 0..<20 {
                let call = Task { try await subject.adapter.receiveTasks(limit: 1, types: ["Check.*"]) }
                for _ in 0..<round { await Task.yield() }
                call.cancel()
                do { taken += try await call.value } catch is CancellationError {}
            }
            for leased in try await subject.take(30) { taken.append(leased) }
            let found = taken.map(\.task.id)
            record.expect(found.count == Set(found).count, "a task was leased twice")
            let missing = ids.subtracting(found)
            record.expect(missing.isEmpty, "\(missing.count) tasks are leased, but no call returned them")
        },
        Self(name: "a cancelled call that waits returns") { subject, record in
            let call = Task { try await subject.adapter.receiveTasks(limit: 1, types: ["Check.*"]) }
            await Task.yield()
            call.cancel()
            do {
                let tasks = try await call.value
                record.expect(tasks.isEmpty, "an empty queue gave \(tasks.count) tasks")
            } catch is CancellationError {}
        },
    ]
}

extension AdapterConformance.Subject {
    /// Asks at most so many times.
    fileprivate func take(_ count: Int, patience: Int) async throws -> [LeasedTask] {
        for _ in 0..<patience {
            let tasks = try await adapter.receiveTasks(limit: count, types: ["Check.*"])
            if !tasks.isEmpty { return tasks }
        }
        return []
    }
}
