import Testing

@testable import WorkerHostCore

@Suite struct BatchMachineTests {
    private final class NoSink: AttemptSink {
        func attemptEnded(_ outcome: AttemptOutcome) {}
    }

    private let sink = NoSink()

    private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    private func machine(_ ids: ClosedRange<Int>) -> BatchMachine {
        BatchMachine(
            ids.map { Lane.Pending(leased: PoolFixture.leased($0), sink: sink, queuedAt: at(0)) },
            deadlines: OneshotMachine.Deadlines(
                run: .seconds(100), grace: .milliseconds(100), kill: .milliseconds(100), drain: .milliseconds(50)),
            startedAt: at(0))
    }

    private func begin(_ machine: inout BatchMachine, at now: Int64, limit: Int64 = 50) -> BatchMachine.Action? {
        machine.beginTurn(at(now), at: .now, limit: TimeLimit(duration: .milliseconds(limit)))
    }

    @Test func aTasksTimeBeginsWhenTheOneBeforeItWasAnswered() {
        var machine = machine(1...3)
        #expect(begin(&machine, at: 0) == nil)
        #expect(machine.nextDeadline == at(50))
        #expect(!machine.awaitsTurn)
        #expect(begin(&machine, at: 10) == nil, "once")
        #expect(machine.replied(to: "t1", at(40))?.id == "t1")
        #expect(begin(&machine, at: 40) == nil)
        #expect(machine.nextDeadline == at(90))
        #expect(machine.timePassed(at(89)) == nil)
        #expect(machine.timePassed(at(90)) == .terminate(.deadline))
        #expect(machine.culprit == "t2")
        #expect(!machine.awaitsTurn, "a process that is being ended begins nothing")
        #expect(machine.timePassed(at(190)) == .kill(.deadline))
        #expect(machine.outputDidEnd() == nil)
        #expect(machine.processEnded(at(191)) == .finish)
        #expect(machine.isOver)
        #expect(machine.takeAll().map(\.id) == ["t2", "t3"])
    }

    @Test func repliesComeInAnyOrderAndOnce() {
        var machine = machine(1...3)
        _ = begin(&machine, at: 0)
        #expect(machine.replied(to: "t3", at(1))?.id == "t3")
        #expect(!machine.awaitsTurn)
        #expect(machine.replied(to: "t3", at(1)) == nil)
        #expect(machine.replied(to: "nobody", at(1)) == nil)
        #expect(machine.replied(to: nil, at(1))?.id == "t1")
        #expect(machine.awaitsTurn, "without an id the oldest")
        #expect(machine.replied(to: nil, at(1))?.id == "t2")
        #expect(machine.replied(to: nil, at(1)) == nil)
        #expect(machine.replies == 3)
    }

    @Test func onceAllAreAnsweredTheProcessHasTheGraceToEnd() {
        var machine = machine(1...1)
        _ = begin(&machine, at: 0)
        _ = machine.replied(to: nil, at(10))
        #expect(machine.nextDeadline == at(110))
        #expect(machine.timePassed(at(110)) == .terminate(.deadline))
        #expect(machine.culprit == nil)
    }

    @Test func whatWasNotWrittenIsTakenOut() {
        var machine = machine(1...3)
        _ = begin(&machine, at: 0)
        #expect(machine.nextToWrite()?.id == "t1")
        #expect(machine.nextToWrite()?.id == "t2")
        guard case .notHere = machine.stop("t3", "other", .cancelled, hurry: false, at(1)) else {
            Issue.record("the lease decides")
            return
        }
        guard case .takenOut(let entry) = machine.stop("t3", "l3", .cancelled, hurry: false, at(1)) else {
            Issue.record("it was not written")
            return
        }
        #expect(entry.id == "t3")
        #expect(machine.nextToWrite() == nil)
        #expect(machine.stopReason == nil)
    }

    @Test func aStopOfATaskThatWaitsActsWhenItsTurnComes() {
        var machine = machine(1...2)
        _ = begin(&machine, at: 0)
        while machine.nextToWrite() != nil {}
        guard case .marked = machine.stop("t2", "l2", .cancelled, hurry: false, at(1)) else {
            Issue.record("the one in turn is left alone")
            return
        }
        #expect(machine.stopReason == nil)
        _ = machine.replied(to: "t1", at(2))
        #expect(begin(&machine, at: 2) == .kill(.cancelled))
        #expect(machine.culprit == "t2")
    }

    @Test func aStopOfTheTaskInTurnEndsTheProcess() {
        var machine = machine(1...2)
        _ = begin(&machine, at: 0)
        _ = machine.nextToWrite()
        guard case .act(.terminate(.cancelled)) = machine.stop("t1", "l1", .cancelled, hurry: false, at(1)) else {
            Issue.record("asked to end")
            return
        }
        #expect(machine.culprit == "t1")
    }

    /// Any schedule: each task leaves once, the host's reason stays, and all gets over when the process does not end.
    @Test(arguments: 0..<60)
    func anyScheduleEnds(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...6, using: &random)
        var machine = machine(1...count)
        var now: Int64 = 0
        var left: [String] = []
        var reason: StopReason?
        for _ in 0..<60 where !machine.isOver {
            now += Int64.random(in: 0...30, using: &random)
            let id = Int.random(in: 1...count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: _ = machine.nextToWrite()
            case 1: _ = begin(&machine, at: now)
            case 2: if let entry = machine.replied(to: "t\(id)", at(now)) { left.append(entry.id) }
            case 3: if let entry = machine.replied(to: nil, at(now)) { left.append(entry.id) }
            case 4:
                let stop = machine.stop("t\(id)", "l\(id)", .cancelled, hurry: .random(using: &random), at(now))
                if case .takenOut(let entry) = stop { left.append(entry.id) }
            case 5: _ = machine.outputDidEnd()
            default: _ = machine.timePassed(at(now))
            }
            if let reason { #expect(machine.stopReason == reason) }
            reason = machine.stopReason
            #expect(machine.isOver || machine.nextDeadline != nil)
        }
        _ = machine.stopAll(.shutdown, hurry: false, at(now))
        for _ in 0..<5 where !machine.isOver {
            guard let next = machine.nextDeadline else { break }
            _ = machine.timePassed(next)
        }
        #expect(machine.isOver)
        left += machine.takeAll().map(\.id)
        #expect(left.sorted() == (1...count).map { "t\($0)" }, "each once")
    }
}

@Suite struct BatchSpeechTests {
    @Test func oneReplyAndACleanEndIsAWorkerForOneTask() {
        var speech = BatchSpeech()
        #expect(speech.ended(replies: 1, unanswered: ["b"], cleanly: true) == true)
        #expect(speech.isOneshot)
        var crashed = BatchSpeech()
        #expect(crashed.ended(replies: 1, unanswered: ["b"], cleanly: false) == false)
        #expect(!crashed.isOnTrial)
        var all = BatchSpeech()
        #expect(all.ended(replies: 1, unanswered: [], cleanly: true) == false)
    }

    @Test func withoutAReplyEachIsTriedAlone() {
        var speech = BatchSpeech()
        #expect(speech.ended(replies: 0, unanswered: ["a", "b"], cleanly: false) == false)
        #expect(speech.ended(replies: 0, unanswered: ["c"], cleanly: false) == false)
        #expect(speech.ranAlone("other", answered: false) == false)
        #expect(speech.isOnTrial)
        #expect(speech.ranAlone("a", answered: true) == false)
        #expect(speech.ranAlone("b", answered: true) == false)
        #expect(speech.ranAlone("c", answered: true) == true, "all were answered")
        #expect(speech.isOneshot && !speech.isOnTrial)
    }

    @Test func aBadTaskAmongThemSaysNothingAboutTheWorker() {
        var speech = BatchSpeech()
        _ = speech.ended(replies: 0, unanswered: ["a", "b"], cleanly: false)
        #expect(speech.ranAlone("a", answered: false) == false)
        #expect(!speech.isOnTrial)
        #expect(speech.ranAlone("b", answered: true) == false)
        #expect(!speech.isOneshot)
        _ = speech.ended(replies: 0, unanswered: ["c", "d"], cleanly: false)
        speech.left(["d"])
        #expect(!speech.isOnTrial, "it would wait for ever")
    }

    @Test func aWorkerThatAnsweredTwoIsNeverTakenForOneshot() {
        var speech = BatchSpeech()
        _ = speech.ended(replies: 0, unanswered: ["a", "b"], cleanly: false)
        speech.prove()
        #expect(!speech.isOnTrial)
        #expect(speech.ended(replies: 1, unanswered: ["b"], cleanly: true) == false)
        #expect(speech.ended(replies: 0, unanswered: ["b"], cleanly: false) == false)
        #expect(!speech.isOnTrial)
    }

    @Test func suspectsAreBounded() {
        var suspects = BatchSuspects(most: 10)
        for id in 0..<1000 {
            suspects.insert("\(id)")
            #expect(suspects.contains("\(id)"))
            if id.isMultiple(of: 2) { suspects.clear("\(id)") }
        }
        #expect((0..<1000).count { suspects.contains("\($0)") } <= 10)
    }
}
