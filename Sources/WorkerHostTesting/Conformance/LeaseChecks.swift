import WorkerHostCore

extension AdapterConformance.Check {
    static let leaseChecks = [
        Self(name: "a leased task is nobody else's") { subject, record in
            let ids = Set(try await subject.enqueue(40))
            let taken = try await withThrowingTaskGroup(of: [String].self) { group in
                for index in 0..<4 {
                    let adapter = index % 2 == 0 ? subject.adapter : subject.other ?? subject.adapter
                    group.addTask {
                        var taken: [String] = []
                        while true {
                            let tasks = try await adapter.receiveTasks(limit: 3, types: ["Check.*"])
                            if tasks.isEmpty { return taken }
                            taken += tasks.map(\.task.id)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            record.expect(taken.count == Set(taken).count, "a task was leased twice: \(taken.sorted())")
            record.expect(Set(taken) == ids, "\(ids.count) tasks were added, \(Set(taken).count) were leased")
        },
        Self(name: "the limit is respected") { subject, record in
            _ = try await subject.enqueue(5)
            let tasks = try await subject.adapter.receiveTasks(limit: 2, types: ["Check.*"])
            record.expect((1...2).contains(tasks.count), "a limit of 2 gave \(tasks.count) tasks")
        },
        Self(name: "only the wanted types are leased") { subject, record in
            for type in ["Check.A", "Check.B", "Other.A", "Check"] {
                _ = try await subject.enqueue(type, .emptyObject)
            }
            for (types, expected) in [
                (["None"], Set<String>()), (["Check.B"], ["Check.B"]), (["Check.*", "!Check.A"], []),
                (["*", "!Check.*"], ["Check", "Other.A"]), (["Check.*"], ["Check.A"]),
            ] {
                let found = Set(try await subject.take(4, types: types).map(\.task.type))
                record.expect(found == expected, "\(types) gave \(found.sorted()), not \(expected.sorted())")
            }
        },
        Self(name: "a task arrives as it was added") { subject, record in
            let params = RawJSON(
                unchecked: Array("{\"x\":1.50,\"y\":[null,\"\\u00fc\"],\"big\":12345678901234567890}".utf8))
            let id = try await subject.enqueue("Check.A", params)
            guard let leased = try await subject.take(1).first else { return record.fail("the task did not come") }
            record.expect(leased.task.id == id, "the id is '\(leased.task.id)', not '\(id)'")
            record.expect(leased.task.type == "Check.A", "the type is '\(leased.task.type)'")
            record.expect(leased.task.params == params, "the params are \(leased.task.params), not \(params)")
            record.expect(leased.task.metadata.attempt == 1, "the attempt is \(leased.task.metadata.attempt), not 1")
        },
        Self(name: "a report under a lost lease is refused") { subject, record in
            guard let end = subject.letLeasesEnd else { return }
            let id = try await subject.enqueue(1)[0]
            guard let old = try await subject.take(1).first else { return record.fail("the task did not come") }
            try await end()
            guard let new = try await subject.take(1, from: subject.other).first else {
                return record.fail("the task did not come again after its lease had ended")
            }
            record.expect(new.lease.token != old.lease.token, "the second lease has the token of the first")
            let late = try await subject.adapter.complete([old.success])
            record.expect(late == [.leaseLost], "the late report was answered \(late)")
            let lost = try await subject.adapter.extendLeases([(id, old.lease)])
            record.expect(lost == [id] || subject.adapter.leaseDuration == nil, "the lost lease was extended")
            let good = try await (subject.other ?? subject.adapter).complete([new.success])
            record.expect(good == [.accepted], "the report under the valid lease was answered \(good)")
            let status = try await subject.status(id).status
            record.expect(status == .completed, "the task is \(status.rawValue)")
        },
    ]
}
