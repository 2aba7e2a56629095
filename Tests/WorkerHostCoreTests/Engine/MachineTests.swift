import Testing

@testable import WorkerHostCore

@Suite struct BreakerMachineTests {
    private func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func opensAfterThreeFailuresInARowAndClosesByAProbe() {
        var breaker = BreakerMachine()
        #expect(breaker.allowance(8, at(0)) == 8)
        #expect(breaker.startFailed("x", at(0)) == nil)
        #expect(breaker.allowance(8, at(0)) == 1)
        #expect(breaker.startFailed("x", at(0)) == nil)
        #expect(breaker.startFailed("gone", at(0)) == .opened)
        #expect(!breaker.isClosed && breaker.lastReason == "gone")
        #expect(breaker.allowance(8, at(0)) == 0)
        #expect(breaker.nextProbe == at(1))
        #expect(breaker.allowance(8, at(1)) == 1)
        #expect(breaker.allowance(8, at(1)) == 0)
        #expect(breaker.startFailed("still", at(1)) == nil)
        #expect(breaker.failedProbes == 1 && breaker.nextProbe == at(3))
        #expect(breaker.allowance(8, at(3)) == 1)
        breaker.probeUnused(at(3))
        #expect(breaker.allowance(8, at(3)) == 1)
        #expect(breaker.started() == .closed)
        #expect(breaker.isClosed && breaker.allowance(8, at(3)) == 8)
        #expect(breaker.started() == nil)
    }

    @Test func theWaitBetweenProbesIsCapped() {
        var breaker = BreakerMachine()
        for _ in 0..<3 { _ = breaker.startFailed("x", at(0)) }
        var now: Int64 = 0
        for _ in 0..<20 {
            now = breaker.nextProbe.map { $0.nanoseconds / 1_000_000_000 } ?? now
            #expect(breaker.allowance(1, at(now)) == 1)
            _ = breaker.startFailed("x", at(now))
        }
        #expect(breaker.nextProbe == at(now + 60))
    }
}

@Suite struct LeaseAheadTests {
    @Test func onlyShortTasksAreLeasedAhead() {
        var ahead = LeaseAhead()
        #expect(ahead.depth(slots: 2) == 0)
        ahead.note(.milliseconds(60))
        #expect(ahead.depth(slots: 2) == 0)
        for _ in 0..<200 { ahead.note(.microseconds(1000)) }
        #expect((30...40).contains(ahead.depth(slots: 1)))
        for _ in 0..<200 { ahead.note(.microseconds(1)) }
        #expect(ahead.depth(slots: 2) == 128)
        ahead.note(.seconds(1))
        #expect(ahead.depth(slots: 2) == 0)
    }
}

@Suite struct LeaseBookTests {
    private func leased(_ id: String, _ token: String) -> LeasedTask {
        LeasedTask(task: WorkerTask(id: id, type: "T", params: .emptyObject), lease: Lease(token: token))
    }

    @Test func onlyLeasesWithinTheirHoldAreExtended() {
        var book = LeaseBook()
        book.add(leased("a", "1"), worker: "w", extendUntil: MonotonicTime(nanoseconds: 10))
        book.add(leased("b", "1"), worker: "w", extendUntil: MonotonicTime(nanoseconds: 20))
        #expect(Set(book.due(MonotonicTime(nanoseconds: 5)).map(\.leased.task.id)) == ["a", "b"])
        #expect(book.due(MonotonicTime(nanoseconds: 15)).map(\.leased.task.id) == ["b"])
        #expect(book.remove(leased("b", "other")) == nil && book.holds("b"))
        #expect(book.remove(leased("b", "1"))?.worker == "w" && !book.holds("b"))
    }
}

@Suite struct RetryPolicyTests {
    private let failure = TaskFailure(kind: .retriable, message: "x")

    @Test func attemptsAreCountedAllTogether() {
        let policy = RetryPolicy(maxAttempts: 3, backoff: .constant(.seconds(2)))
        #expect(policy.decide(after: failure, attempt: 1, random: 0.5) == .retry(after: .seconds(2)))
        #expect(policy.decide(after: failure, attempt: 2, random: 0.5) == .retry(after: .seconds(2)))
        #expect(policy.decide(after: failure, attempt: 3, random: 0.5) == .giveUp)
        #expect(RetryPolicy(maxAttempts: 0).maxAttempts == 1)
        let final = TaskFailure(kind: .permanent, message: "x")
        #expect(policy.decide(after: final, attempt: 1, random: 0.5) == .giveUp)
    }

    @Test func theBackoffGrowsUpToItsCapWithFullJitter() {
        let backoff = Backoff.exponentialJitter(initial: .seconds(1), cap: .seconds(10), multiplier: 2)
        #expect(backoff.delay(afterAttempt: 1, random: 0) == .zero)
        #expect(backoff.delay(afterAttempt: 1, random: 0.5) == .milliseconds(500))
        #expect(backoff.delay(afterAttempt: 3, random: 0.5) == .seconds(2))
        #expect(backoff.delay(afterAttempt: 1_000_000, random: 0.5) == .seconds(5))
    }
}
