import Testing

@testable import WorkerHostCore

@Suite struct PipelineMachineTests {
    private final class NoSink: AttemptSink {
        func attemptEnded(_ outcome: AttemptOutcome) {}
    }

    private let sink = NoSink()

    private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    private func machine() -> PipelineMachine {
        PipelineMachine(startupTimeout: .milliseconds(1000), grace: .milliseconds(100), startedAt: at(0))
    }

    private func pending(_ id: Int) -> Lane.Pending {
        Lane.Pending(leased: PoolFixture.leased(id), sink: sink, queuedAt: at(0))
    }

    private func begin(_ machine: inout PipelineMachine, at now: Int64, limit: Int64 = 50) {
        for index in machine.newTurns {
            machine.beginTurn(index, at(now), at: .now, limit: TimeLimit(duration: .milliseconds(limit)))
        }
    }

    @Test func aTasksTimeBeginsWithItsTurn() {
        var machine = machine()
        machine.becameReady(width: 1, at(10), at: .now)
        machine.gave([pending(1), pending(2)])
        begin(&machine, at: 10)
        #expect(machine.nextDeadline == at(60) && machine.newTurns.isEmpty)
        #expect(machine.timePassed(at(59)) == nil)
        #expect(machine.replied(to: "t1")?.pending.leased.task.id == "t1")
        begin(&machine, at: 59)
        #expect(machine.nextDeadline == at(109))
        #expect(machine.timePassed(at(109)) == .terminate(.deadline) && machine.culprit == "t2")
        #expect(machine.timePassed(at(208)) == nil)
        #expect(machine.timePassed(at(209)) == .kill(.deadline))
        #expect(machine.processEnded() == .finish(isAbandoned: false) && machine.isOver)
    }

    @Test func theStartDoesNotCountAgainstTheTask() {
        var machine = machine()
        machine.gave([pending(1)])
        begin(&machine, at: 0)
        #expect(machine.timePassed(at(900)) == nil)
        machine.becameReady(width: 1, at(900), at: .now)
        #expect(machine.timePassed(at(949)) == nil)
        #expect(machine.timePassed(at(950)) == .terminate(.deadline))
    }

    @Test func withoutASignOfLifeTheInputEnds() {
        var machine = machine()
        #expect(machine.timePassed(at(1000)) == .endInput)
        #expect(machine.timePassed(at(1099)) == nil)
        #expect(machine.timePassed(at(1100)) == .terminate(.shutdown))
    }

    @Test func repliesComeInAnyOrder() {
        var machine = machine()
        machine.becameReady(width: 2, at(0), at: .now)
        machine.gave([pending(1), pending(2), pending(3)])
        begin(&machine, at: 0)
        #expect(machine.entries.map { $0.turn != nil } == [true, true, false])
        #expect(machine.replied(to: "t2") != nil)
        #expect(machine.replied(to: "t2") == nil, "once")
        #expect(machine.replied(to: "nobody") == nil)
        begin(&machine, at: 5)
        #expect(machine.replied(to: nil)?.pending.leased.task.id == "t1", "without an id the oldest")
        let (inTurn, unstarted) = machine.takeAll()
        #expect(inTurn.map(\.pending.leased.task.id) == ["t3"] && unstarted.isEmpty)
    }

    @Test func whatWasNotInTurnWasNotStarted() {
        var machine = machine()
        machine.becameReady(width: 1, at(0), at: .now)
        machine.gave((1...4).map(pending))
        begin(&machine, at: 0)
        let (inTurn, unstarted) = machine.takeAll()
        #expect(inTurn.map(\.pending.leased.task.id) == ["t1"])
        #expect(unstarted.map(\.pending.leased.task.id) == ["t2", "t3", "t4"])
    }

    @Test func aStopOfAWaitingTaskWaitsForItsTurn() {
        var machine = machine()
        machine.becameReady(width: 1, at(0), at: .now)
        machine.gave([pending(1), pending(2)])
        begin(&machine, at: 0)
        #expect(machine.holds("t2", "other") == nil)
        let found = machine.holds("t2", "l2")
        #expect(found?.index == 1 && found?.isInTurn == false)
        #expect(machine.stop(1, .leaseLost, hurry: true, at(1)) == nil, "the running one is left alone")
        _ = machine.replied(to: "t1")
        begin(&machine, at: 2)
        #expect(machine.entries[0].stop == .leaseLost)
        #expect(machine.stop(0, .leaseLost, hurry: true, at(2)) == .kill(.leaseLost))
    }

    /// Any schedule ends when the process does not.
    @Test(arguments: 0..<50)
    func anyScheduleEnds(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var machine = machine()
        var now: Int64 = 0
        var id = 0
        for _ in 0..<200 where !machine.isOver {
            now += Int64.random(in: 0...30, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: machine.becameReady(width: Int.random(in: 1...3, using: &random), at(now), at: .now)
            case 1 where machine.isServing:
                id += 1
                machine.gave([pending(id)])
            case 2: _ = machine.replied(to: nil)
            case 3 where !machine.entries.isEmpty:
                _ = machine.stop(0, .cancelled, hurry: .random(using: &random), at(now))
            case 4: _ = machine.endInput(at(now))
            default: _ = machine.timePassed(at(now))
            }
            begin(&machine, at: now)
        }
        _ = machine.stopAll(.shutdown, hurry: false, at(now))
        for _ in 0..<10 where !machine.isOver {
            guard let next = machine.nextDeadline else { break }
            _ = machine.timePassed(next)
        }
        #expect(machine.isOver)
    }
}
