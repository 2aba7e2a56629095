import Testing
import WorkerHostCore

@testable import WorkerHostHTTP

/// What a report goes through, answer by answer.
@Suite struct ReportCourseTests {
    private func report(_ outcome: TaskReport.Outcome) -> TaskReport {
        TaskReport(
            taskID: "7", lease: Lease(token: "w1"), outcome: outcome, attempt: AttemptRecord(worker: "a", number: 1))
    }

    private func success(_ result: String = #"{"a":1}"#) -> TaskReport {
        report(.succeeded(TaskResult(value: RawJSON(unchecked: Array(result.utf8)))))
    }

    private func failure(_ message: String = "no") -> TaskReport {
        report(.failed(TaskFailure(kind: .permanent, type: "Bad", message: message)))
    }

    private func ended(_ step: ReportCourse.Step) -> Acknowledgement? {
        if case .ended(let answer) = step { answer } else { nil }
    }

    private func sent(_ step: ReportCourse.Step) -> (endpoint: Endpoint, text: String)? {
        switch step {
        case .send(let endpoint, let request), .sendAgain(let endpoint, let request):
            (endpoint, request.path + " " + String(decoding: request.body, as: UTF8.self))
        case .ended: nil
        }
    }

    private func row(_ status: String, by claimedBy: String?) -> [UInt8] {
        let by = claimedBy.map { #""\#($0)""# } ?? "null"
        return Array(
            #"{"success":true,"data":{"items":[{"id":7,"type":"T","status":"\#(status)","claimed_by":\#(by)}]}}"#.utf8)
    }

    private func look(_ report: TaskReport, _ body: [UInt8]) -> Acknowledgement? {
        var course = ReportCourse(report, worker: "w1")
        _ = course.begin()
        let step = course.answered(.notClaimed, body: [])
        guard case .send(.readTask, let request) = step, request.path == "/tasks/7" else { return nil }
        return ended(course.answered(Judge.verdict(.readTask, status: 200, retryAfter: nil, body: body), body: body))
    }

    @Test func whatIsDoneIsAccepted() {
        var course = ReportCourse(success(), worker: "w2")
        let first = sent(course.begin())
        #expect(first?.endpoint == .complete)
        #expect(first?.text == #"/tasks/7/complete {"worker_id":"w2","success":true,"result":{"a":1}}"#)
        #expect(ended(course.answered(.done(data: nil), body: [])) == .accepted)
    }

    @Test func whatIsReleasedIsNotSent() {
        var course = ReportCourse(report(.released(reason: "stop", after: .zero)), worker: "w1")
        #expect(ended(course.begin()) == .accepted)
    }

    @Test func deadlocksAreMetAgainButNotForEver() {
        var course = ReportCourse(success(), worker: "w1")
        _ = course.begin()
        for _ in 1..<ReportCourse.mostContentions {
            guard case .sendAgain(.complete, _) = course.answered(.contention("1213"), body: []) else {
                Issue.record("it is sent again")
                return
            }
        }
        #expect(ended(course.answered(.contention("1213"), body: [])) == .later(reason: "1213", after: nil))
    }

    @Test func anotherClaimAndAMissingTask() {
        var lost = ReportCourse(success(), worker: "w1")
        _ = lost.begin()
        #expect(ended(lost.answered(.claimedByAnother, body: [])) == .leaseLost)
        var gone = ReportCourse(success(), worker: "w1")
        _ = gone.begin()
        guard case .rejected? = ended(gone.answered(.unknownTask, body: [])) else {
            Issue.record("it is rejected")
            return
        }
    }

    @Test func notClaimedIsLookedAt() {
        #expect(look(success(), row("completed", by: "w1")) == .accepted, "an earlier try was applied")
        #expect(look(success(), row("completed", by: "w9")) == .leaseLost)
        #expect(look(success(), row("failed", by: "w1")) == .leaseLost)
        #expect(look(success(), row("pending", by: nil)) == .leaseLost)
        #expect(look(success(), row("claimed", by: "w9")) == .leaseLost)
        #expect(look(failure(), row("failed", by: "w1")) == .accepted)
        #expect(look(failure(), row("pending", by: nil)) == .accepted, "it was given back for another try")
        #expect(look(failure(), row("completed", by: "w9")) == .leaseLost)
        guard case .later? = look(success(), row("claimed", by: "w1")) else {
            Issue.record("it comes again")
            return
        }
        guard case .rejected? = look(success(), Array(#"{"success":true,"data":{"items":[],"count":0}}"#.utf8)) else {
            Issue.record("there is no such task")
            return
        }
    }

    @Test func aResultThatIsTooLongFailsTheTaskAndSaysWhereItIs() {
        for isKnownBefore in [true, false] {
            let size = isKnownBefore ? 70_000 : 10
            var course = ReportCourse(success(#"{"t":"\#(String(repeating: "x", count: size))"}"#), worker: "w1")
            var step = course.begin()
            if !isKnownBefore { step = course.answered(.tooLong("SQLSTATE[22001]"), body: []) }
            #expect(sent(step)?.text.contains(#""success":false,"error":"ResultTooLarge: the result has"#) == true)
            guard case .rejected(let reason)? = ended(course.answered(.done(data: nil), body: [])) else {
                Issue.record("the result is rejected")
                return
            }
            #expect(reason.contains("workerhost outbox list") && reason.contains("\(size + 8) bytes"))
        }
    }

    @Test func anErrorThatIsTooLongIsCutAgain() {
        var course = ReportCourse(failure(String(repeating: "x", count: 100_000)), worker: "w1")
        var sizes = [sent(course.begin())?.text.utf8.count ?? 0]
        while let next = sent(course.answered(.tooLong("22001"), body: [])) { sizes.append(next.text.utf8.count) }
        #expect(sizes.first ?? 0 < 65_535 && sizes.count > 3)
        #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test func whatMayPassComesAgain() {
        func answer(_ verdict: Verdict) -> Acknowledgement? {
            var course = ReportCourse(success(), worker: "w1")
            _ = course.begin()
            return ended(course.answered(verdict, body: []))
        }
        #expect(answer(.unavailable("down", wait: nil)) == .later(reason: "down", after: nil))
        #expect(answer(.unavailable("down", wait: 20)) == .later(reason: "down", after: .seconds(20)))
        #expect(answer(.tooManyCalls("many", wait: 0)) == .later(reason: "many", after: .seconds(1)), "with a floor")
        #expect(answer(.tooManyCalls("many", wait: 7)) == .later(reason: "many", after: .seconds(7)))
        for verdict in [Verdict.unauthorized("key"), .wrongAddress("404")] {
            guard case .later? = answer(verdict) else {
                Issue.record("\(verdict) is no reason to lose a result")
                continue
            }
        }
        #expect(answer(.refused("Validation failed")) == .rejected(reason: "Validation failed"))
    }
}
