import Testing

@testable import WorkerHostCore

@Suite struct CancelRequestTests {
    private let request = CancelRequest(taskID: "1", leaseToken: "t", reason: "a typo")

    private func report(_ outcome: TaskReport.Outcome, startedAt: Timestamp? = .now) -> TaskReport {
        TaskReport(
            taskID: "1", lease: Lease(token: "t"), outcome: outcome,
            attempt: AttemptRecord(worker: "w", number: 2, startedAt: startedAt))
    }

    private func failure(after outcome: TaskReport.Outcome, startedAt: Timestamp? = .now) -> TaskFailure? {
        guard case .failed(let failure) = request.applied(to: report(outcome, startedAt: startedAt)).outcome else {
            return nil
        }
        return failure
    }

    @Test func finishedWorkCounts() {
        #expect(failure(after: .succeeded(TaskResult(value: .emptyObject))) == nil)
        let own = failure(after: .failed(TaskFailure(kind: .permanent, type: "ValueError", message: "bad")))
        #expect(own?.description == "ValueError: bad")
    }

    @Test func whatWouldRunAgainIsCancelled() {
        let crash = TaskFailure(
            kind: .crashed(signal: 11), type: "Crashed", message: "it fell", standardErrorTail: "ouch")
        let retried = failure(after: .retry(crash, after: .seconds(5)))
        #expect(
            retried?.description
                == "Cancelled: the task was cancelled, so it is not tried again; its last attempt: Crashed: it fell "
                + "(reason: a typo)")
        #expect(retried?.isCancellation == true && retried?.standardErrorTail == "ouch")
        #expect(
            failure(after: .released(reason: "the host stops", after: .zero), startedAt: nil)?.message
                == "the task was cancelled before it was started (reason: a typo)")
        #expect(
            failure(after: .released(reason: "the host stopped", after: .zero))?.message
                == "the task was cancelled; its attempt had been ended already: the host stopped (reason: a typo)")
    }

    @Test func aCancellationGetsItsReason() {
        let failure = failure(after: .failed(.cancelled("the task was cancelled", reason: nil)))
        #expect(failure?.message == "the task was cancelled (reason: a typo)")
    }

    @Test func aRequestIsForItsLeaseOnly() {
        func entry(_ id: String, _ token: String) -> LeaseBook.Entry {
            LeaseBook.Entry(
                leased: LeasedTask(task: FaultChild.task(id), lease: Lease(token: token)), proxy: 1,
                extendUntil: .now, validUntil: nil)
        }
        var book = LeaseBook()
        #expect(book.cancel(CancelRequest(taskID: "1", leaseToken: "b")) == nil, "it came before its lease")
        book.add(entry("1", "a"))
        #expect(book.entry("1")?.cancelRequest == nil && book.isValid(entry("1", "a").leased, .now))
        book.remove(entry("1", "a").leased)
        book.add(entry("1", "b"))
        #expect(book.entry("1")?.cancelRequest?.leaseToken == "b" && !book.isValid(entry("1", "b").leased, .now))
        #expect(book.report(entry("1", "a").leased) == nil)
        #expect(book.report(entry("1", "b").leased)?.leaseToken == "b")
        book.add(entry("2", "a"))
        #expect(book.report(entry("2", "a").leased) == nil)
        #expect(book.cancel(CancelRequest(taskID: "2", leaseToken: "a")) == nil, "its outcome is on its way")
        book.add(entry("3", "a"))
        #expect(book.cancel(CancelRequest(taskID: "3", leaseToken: "a", reason: "x"))?.leased.task.id == "3")
        #expect(book.cancel(CancelRequest(taskID: "3", leaseToken: "a", reason: "y")) != nil)
        #expect(book.report(entry("3", "a").leased)?.reason == "x", "the first request stays")
    }
}
