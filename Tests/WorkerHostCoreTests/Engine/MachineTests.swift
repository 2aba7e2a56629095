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

    @Test func failuresOfStartsBegunBeforeCountOnce() {
        var breaker = BreakerMachine()
        for _ in 0..<3 { _ = breaker.startFailed("x", at(0)) }
        for _ in 0..<12 { #expect(breaker.startFailed("x", at(0)) == nil) }
        #expect(breaker.failedProbes == 0 && breaker.nextProbe == at(1))
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
        ahead.note(.milliseconds(80))
        #expect(ahead.depth(slots: 2) == 0)
        for _ in 0..<200 { ahead.note(.microseconds(1000)) }
        #expect((50...60).contains(ahead.depth(slots: 1)))
        for _ in 0..<200 { ahead.note(.microseconds(1)) }
        #expect(ahead.depth(slots: 2) == min(2 * LeaseAhead.maxPerSlot, LeaseAhead.most))
        ahead.note(.seconds(1))
        #expect(ahead.depth(slots: 2) == 0)
    }
}

@Suite struct LeaseBookTests {
    private func at(_ nanoseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }

    private func leased(_ id: String, _ token: String) -> LeasedTask {
        LeasedTask(task: WorkerTask(id: id, type: "T", params: .emptyObject), lease: Lease(token: token))
    }

    private func entry(_ id: String, extendUntil: Int64, validUntil: Int64? = nil) -> LeaseBook.Entry {
        LeaseBook.Entry(
            leased: leased(id, "1"), proxy: 7, extendUntil: at(extendUntil), validUntil: validUntil.map(at))
    }

    @Test func onlyLeasesWithinTheirHoldAreExtended() {
        var book = LeaseBook()
        book.add(entry("a", extendUntil: 10))
        book.add(entry("b", extendUntil: 20))
        #expect(Set(book.due(at(5)).map(\.leased.task.id)) == ["a", "b"])
        #expect(book.due(at(15)).map(\.leased.task.id) == ["b"])
        #expect(book.remove(leased("b", "other")) == nil && book.holds("b"))
        #expect(book.remove(leased("b", "1"))?.proxy == 7 && !book.holds("b"))
    }

    @Test func aLeaseThatWasNotExtendedIsNoLongerGood() {
        var book = LeaseBook()
        let first = entry("a", extendUntil: 100, validUntil: 10)
        book.add(first)
        book.add(entry("endless", extendUntil: 100))
        #expect(book.isValid(leased("a", "1"), at(9)) && !book.isValid(leased("a", "1"), at(10)))
        #expect(!book.isValid(leased("a", "2"), at(9)) && !book.isValid(leased("unknown", "1"), at(9)))
        #expect(book.expired(at(10)).map(\.leased.task.id) == ["a"])
        book.extended([first], until: at(30))
        #expect(book.expired(at(10)).isEmpty && book.isValid(leased("a", "1"), at(29)))
        #expect(book.isValid(leased("endless", "1"), at(1_000_000)))
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
