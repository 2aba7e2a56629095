import Testing

@testable import WorkerHostCore

/// The rules by which templates come and go.
@Suite struct TemplateMachineTests {
    @Test func oneIsStartedWhenItIsWantedAndOnlyOnce() {
        var machine = TemplateMachine()
        #expect(machine.wanted() == [.start(1)])
        #expect(machine.wanted() == [])
        #expect(machine.becameReady(1) == [.serve(1)])
        #expect(machine.wanted() == [])
    }

    @Test func aSuccessorServesBeforeTheOneBeforeRetires() {
        var machine = TemplateMachine()
        _ = machine.wanted()
        _ = machine.becameReady(1)
        #expect(machine.replace(because: "age") == [.start(2)])
        #expect(machine.replace(because: "age") == [], "one at a time")
        #expect(machine.becameReady(2) == [.serve(2), .retire(1), .tellReplaced("age")])
        #expect(machine.died(1, isProven: true) == [], "it is no news any more")
    }

    @Test func aFailedStartIsToldToATaskOnlyIfNobodyServes() {
        var machine = TemplateMachine()
        _ = machine.wanted()
        #expect(machine.failedToStart(1) == [.tellStartFailed])
        #expect(machine.wanted() == [.start(2)])
        _ = machine.becameReady(2)
        _ = machine.replace(because: "age")
        #expect(machine.failedToStart(3) == [.tellRefused])
        #expect(machine.serving == 2)
    }

    @Test func twoThatDieBeforeTheyForkedCountAsAFailedStart() {
        var machine = TemplateMachine()
        _ = machine.wanted()
        _ = machine.becameReady(1)
        #expect(machine.died(1, isProven: false) == [.unserve, .tellDied, .start(2)], "once may be chance")
        _ = machine.becameReady(2)
        #expect(machine.died(2, isProven: false) == [.unserve, .tellStartFailed])
        _ = machine.wanted()
        _ = machine.becameReady(3)
        #expect(machine.died(3, isProven: true) == [.unserve, .tellDied, .start(4)])
    }

    @Test func aDeathWhileASuccessorStartsLeavesThePlaceToIt() {
        var machine = TemplateMachine()
        _ = machine.wanted()
        _ = machine.becameReady(1)
        _ = machine.replace(because: "age")
        #expect(machine.died(1, isProven: true) == [.unserve, .tellDied])
        #expect(machine.becameReady(2) == [.serve(2)])
    }

    @Test func aChangeDiscardsWhatIsBeingStarted() {
        var machine = TemplateMachine()
        _ = machine.wanted()
        #expect(machine.sourceChanged("a.py") == [.discard(1), .start(2)])
        #expect(machine.becameReady(1) == [], "it was ready too late")
        #expect(machine.becameReady(2) == [.serve(2)])
        #expect(machine.sourceChanged("b.py") == [.start(3)])
        #expect(machine.becameReady(3) == [.serve(3), .retire(2), .tellReplaced("b.py has changed")])
    }

    @Test func nothingIsStartedAfterTheEnd() {
        var machine = TemplateMachine()
        _ = machine.wanted()
        _ = machine.becameReady(1)
        _ = machine.replace(because: "age")
        #expect(machine.close() == [.retire(1), .discard(2)])
        #expect(machine.wanted() == [] && machine.sourceChanged("a.py") == [] && machine.replace(because: "") == [])
    }
}
