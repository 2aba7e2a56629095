import WorkerHostCore

extension AdapterConformance.Check {
    static let reportChecks = [
        Self(name: "each report has its acknowledgement, in order") { subject, record in
            _ = try await subject.enqueue(4)
            let tasks = try await subject.take(4)
            guard tasks.count == 4 else { return record.fail("4 tasks were added, \(tasks.count) came") }
            let stale = TaskReport(
                taskID: tasks[1].task.id, lease: Lease(token: "no-such-lease"), outcome: tasks[1].success.outcome,
                attempt: tasks[1].success.attempt)
            let failure = TaskFailure(kind: .permanent, message: "refused by the check")
            let answers = try await subject.adapter.complete([
                tasks[0].success, stale, tasks[2].report(.failed(failure)), tasks[3].success,
            ])
            record.expect(answers.count == 4, "4 reports had \(answers.count) acknowledgements")
            guard answers.count == 4 else { return }
            record.expect(answers[1] != .accepted, "a report under an invented lease was accepted")
            record.expect(
                [answers[0], answers[2], answers[3]].allSatisfy { $0 == .accepted }, "valid reports had \(answers)")
            let expected: [AdapterConformance.Status] = [.completed, .running, .failed, .completed]
            for (task, status) in zip(tasks, expected) {
                let found = try await subject.status(task.task.id).status
                record.expect(found == status, "task \(task.task.id) is \(found.rawValue), not \(status.rawValue)")
            }
        },
        Self(name: "no reports have no acknowledgements") { subject, record in
            let answers = try await subject.adapter.complete([])
            record.expect(answers.isEmpty, "\(answers.count) acknowledgements for no report")
        },
        Self(name: "a repeated report changes nothing") { subject, record in
            let id = try await subject.enqueue(1)[0]
            guard let leased = try await subject.take(1).first else { return record.fail("the task did not come") }
            let first = try await subject.adapter.complete([leased.success])
            record.expect(first == [.accepted], "the report was answered \(first)")
            let failure = TaskFailure(kind: .permanent, message: "too late")
            _ = try await subject.adapter.complete([leased.report(.failed(failure))])
            let status = try await subject.status(id).status
            record.expect(status == .completed, "after a second report the task is \(status.rawValue)")
        },
        Self(name: "a retry spends the attempt, and the task comes again") { subject, record in
            _ = try await subject.enqueue(1)
            guard let leased = try await subject.take(1).first else { return record.fail("the task did not come") }
            let failure = TaskFailure(kind: .retriable, message: "try again")
            let answer = try await subject.adapter.complete([leased.report(.retry(failure, after: .zero))])
            record.expect(answer == [.accepted], "the report was answered \(answer)")
            guard let again = try await subject.take(1).first else {
                return record.fail("the task did not come again")
            }
            record.expect(
                again.task.metadata.attempt == 2, "the second attempt has the number \(again.task.metadata.attempt)")
        },
        Self(name: "a released task comes again with its attempt given back") { subject, record in
            let id = try await subject.enqueue(1)[0]
            guard let leased = try await subject.take(1).first else { return record.fail("the task did not come") }
            try await subject.adapter.release([leased], reason: "the check gives it back")
            let (status, attempts) = try await subject.status(id)
            record.expect(status == .pending, "the released task is \(status.rawValue)")
            record.expect(attempts ?? 0 == 0, "the released task has spent \(attempts ?? 0) attempts")
            guard let again = try await subject.take(1).first else {
                return record.fail("the task did not come again")
            }
            record.expect(again.task.metadata.attempt == 1, "its attempt is \(again.task.metadata.attempt), not 1")
            record.expect(again.lease.token != leased.lease.token, "the second lease has the token of the first")
            let late = try await subject.adapter.complete([leased.success])
            record.expect(late == [.leaseLost], "a report under the released lease was answered \(late)")
        },
    ]
}
