import Testing

@testable import WorkerHostCore

@Suite struct RetryMachineTests {
    private func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    private func wait(_ machine: inout RetryMachine<String>, _ id: String, _ due: Int64) -> Bool {
        machine.wait(id, leaseToken: "l", until: at(due), id)
    }

    private func close(_ machine: inout RetryMachine<String>) -> [String] { machine.close() }

    @Test func whatIsDueComesInOrderAndOnce() {
        var machine = RetryMachine<String>()
        #expect(machine.next == nil && machine.due(at(9)) == [])
        #expect(wait(&machine, "b", 3) && wait(&machine, "a", 2) && wait(&machine, "c", 5))
        #expect(machine.next == at(2) && machine.count == 3)
        #expect(machine.due(at(1)) == [])
        #expect(machine.due(at(3)) == ["a", "b"])
        #expect(machine.next == at(5) && machine.due(at(4)) == [])
        #expect(machine.due(at(5)) == ["c"] && machine.next == nil && machine.count == 0)
    }

    @Test func whatIsCancelledIsTakenOutUnderItsLeaseOnly() {
        var machine = RetryMachine<String>()
        #expect(wait(&machine, "a", 2) && wait(&machine, "b", 3))
        #expect(machine.remove("a", leaseToken: "other") == nil)
        #expect(machine.remove("a", leaseToken: "l") == "a")
        #expect(machine.remove("a", leaseToken: "l") == nil)
        #expect(machine.next == at(3))
    }

    @Test func nothingWaitsOnceItIsClosed() {
        var machine = RetryMachine<String>()
        #expect(wait(&machine, "b", 3) && wait(&machine, "a", 2))
        #expect(close(&machine) == ["a", "b"])
        #expect(!wait(&machine, "c", 4) && machine.next == nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var kind = TaskFailure.Kind.retriable
        var attempt = 1
        var ranFor = 1.0
        var left: Double?
        var retryAfter: Double?
        let decision: HostRetry.Decision

        var testDescription: String { "\(kind.name) #\(attempt) ran \(ranFor) left \(left ?? -1): \(decision)" }
    }

    /// Three attempts with waits of 2 and 4 seconds.
    @Test(arguments: [
        Case(decision: .wait(.seconds(2))),
        Case(attempt: 2, decision: .wait(.seconds(4))),
        Case(attempt: 3, decision: .report),
        Case(kind: .permanent, decision: .report),
        Case(kind: .timeout, decision: .report),
        Case(kind: .crashed(signal: 11), decision: .wait(.seconds(2))),
        Case(kind: .startFailed, decision: .report),
        Case(kind: .interrupted, decision: .report),
        Case(kind: .leaseLost, decision: .report),
        Case(left: 3.5, decision: .wait(.seconds(2))),
        Case(left: 3, decision: .leaseTooShort(wait: .seconds(2))),
        Case(ranFor: 10, left: 11, decision: .leaseTooShort(wait: .seconds(2))),
        Case(attempt: 3, left: 1, decision: .report),
        Case(left: -1, decision: .leaseTooShort(wait: .seconds(2))),
        Case(left: 10, retryAfter: 8, decision: .wait(.seconds(8))),
        Case(left: 10, retryAfter: 9, decision: .leaseTooShort(wait: .seconds(9))),
    ])
    func decisions(_ given: Case) {
        var failure = TaskFailure(kind: given.kind, message: "x")
        failure.retryAfter = given.retryAfter.map { .seconds($0) }
        let policy = RetryPolicy(maxAttempts: 3, backoff: .exponentialJitter(initial: .seconds(2)))
        let decision = HostRetry.decide(
            failure, attempt: given.attempt, policy: policy, ranFor: .seconds(given.ranFor),
            left: given.left.map { .seconds($0) }, random: 1)
        #expect(decision == given.decision)
    }

    @Test func aLeaseBoundsTheDeadlineWithRoomForTheEnd() {
        let now = Timestamp(microseconds: 0)
        func lease(_ seconds: Int64?) -> Lease {
            Lease(token: "l", expiresAt: seconds.map { Timestamp(microseconds: $0 * 1_000_000) })
        }
        func moment(_ seconds: Int64?, grace: Duration) -> Double? {
            FixedLease.lastMoment(of: lease(seconds), grace: grace, from: now)?.seconds
        }
        #expect(moment(nil, grace: .seconds(5)) == nil)
        #expect(moment(300, grace: .seconds(5)) == 294)
        #expect(moment(10, grace: .seconds(1)) == 8.5)
        #expect(moment(3, grace: .seconds(5)) == -2.15)
        let task = LeasedTask(
            task: WorkerTask(
                id: "1", type: "T", params: .emptyObject,
                metadata: TaskMetadata(deadline: Timestamp(microseconds: 100_000_000))), lease: lease(300))
        let (early, late) = (Timestamp(microseconds: 50_000_000), Timestamp(microseconds: 294_000_000))
        #expect(FixedLease.bounded(task, by: early).task.metadata.deadline == early)
        #expect(FixedLease.bounded(task, by: late).task.metadata.deadline == Timestamp(microseconds: 100_000_000))
        #expect(task.nextAttempt.task.metadata.attempt == 2 && task.nextAttempt.lease == task.lease)
    }
}
