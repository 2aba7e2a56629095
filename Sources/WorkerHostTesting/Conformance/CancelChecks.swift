import WorkerHostCore

extension AdapterConformance.Check {
    static let cancelChecks = [
        Self(name: "a cancelled task that waits never comes") { subject, record in
            guard let cancel = subject.cancel else { return }
            let ids = try await subject.enqueue(2)
            try await cancel(ids[0])
            let found = try await subject.take(2).map(\.task.id)
            record.expect(found == [ids[1]], "after the cancel of \(ids[0]) came \(found), not \(ids[1]) alone")
            try await subject.expect(ids[0], .failed, record)
        },
        Self(name: "a cancel is told to the host that has the lease, once") { subject, record in
            guard let cancel = subject.cancel else { return }
            let ids = try await subject.enqueue(2)
            let leases = try await subject.take(2)
            guard leases.count == 2 else { return record.fail("2 tasks were added, \(leases.count) came") }
            let told = Task { try await subject.adapter.nextCancellations() }
            try await cancel(ids[0])
            let first = try await told.value ?? []
            let token = leases.first { $0.task.id == ids[0] }?.lease.token
            record.expect(
                first.map(\.taskID) == [ids[0]] && first.first?.leaseToken == token,
                "the cancel of \(ids[0]) under '\(token ?? "")' was told as \(first)")
            try await cancel(ids[1])
            let second = try await subject.adapter.nextCancellations() ?? []
            record.expect(second.map(\.taskID) == [ids[1]], "the cancel of \(ids[1]) was told as \(second)")
        },
        Self(name: "a host that is stopped hears of no cancel and returns") { subject, record in
            guard subject.cancel != nil else { return }
            let call = Task { try await subject.adapter.nextCancellations() }
            await Task.yield()
            call.cancel()
            do {
                let requests = try await call.value ?? []
                record.expect(requests.isEmpty, "nothing was cancelled, and \(requests) was told")
            } catch is CancellationError {}
        },
        Self(name: "a cancelled task never comes again, whatever its host reports") { subject, record in
            guard let cancel = subject.cancel else { return }
            let failure = TaskFailure(kind: .retriable, message: "try again")
            let outcomes: [TaskReport.Outcome] = [
                .retry(failure, after: .zero), .released(reason: "the check gives it back", after: .zero),
                .retry(failure, after: .seconds(60)),
            ]
            for outcome in outcomes {
                let id = try await subject.enqueue(1)[0]
                guard let leased = try await subject.take(1).first else { return record.fail("the task did not come") }
                try await cancel(id)
                let answer = try await subject.adapter.complete([leased.report(outcome)])
                record.expect(answer == [.accepted], "the report \(outcome) was answered \(answer)")
                try await subject.expect(id, .failed, record)
            }
            let again = try await subject.take(1).map(\.task.id)
            record.expect(again.isEmpty, "\(again) came again although it was cancelled")
        },
        Self(name: "a cancelled task whose lease ends never comes again") { subject, record in
            guard let cancel = subject.cancel, let end = subject.letLeasesEnd else { return }
            let id = try await subject.enqueue(1)[0]
            guard let leased = try await subject.take(1).first else { return record.fail("the task did not come") }
            try await cancel(id)
            try await end()
            let again = try await subject.take(1, from: subject.other).map(\.task.id)
            record.expect(again.isEmpty, "\(again) came again although it was cancelled")
            try await subject.expect(id, .failed, record)
            let late = try await subject.adapter.complete([leased.success])
            record.expect(late == [.leaseLost], "a report under the lost lease was answered \(late)")
        },
        Self(name: "finished work counts, and a cancel of it changes nothing") { subject, record in
            guard let cancel = subject.cancel else { return }
            let id = try await subject.enqueue(1)[0]
            guard let leased = try await subject.take(1).first else { return record.fail("the task did not come") }
            try await cancel(id)
            let answer = try await subject.adapter.complete([leased.success])
            record.expect(answer == [.accepted], "the success was answered \(answer)")
            try await subject.expect(id, .completed, record)
            try await cancel(id)
            try await subject.expect(id, .completed, record)
        },
    ]
}

extension AdapterConformance.Subject {
    fileprivate func expect(
        _ id: String, _ status: AdapterConformance.Status, _ record: AdapterConformance.Record
    ) async throws {
        let found = try await self.status(id).status
        record.expect(found == status, "task \(id) is \(found.rawValue), not \(status.rawValue)")
    }
}
