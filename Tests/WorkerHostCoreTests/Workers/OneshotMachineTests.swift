import Testing

@testable import WorkerHostCore

@Suite struct OneshotMachineTests {
    private let deadlines = OneshotMachine.Deadlines(
        run: .seconds(10), grace: .seconds(5), kill: .seconds(3), drain: .seconds(1))

    private func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

    private func machine() -> OneshotMachine { OneshotMachine(deadlines: deadlines, startedAt: at(0)) }

    @Test func aProcessThatEndsAfterItsOutputIsFinishedAtOnce() {
        var machine = machine()
        #expect(machine.outputDidEnd() == nil)
        #expect(machine.processEnded(at(1)) == .finish)
        #expect(machine.isOver && machine.stopReason == nil)
    }

    @Test func outputHeldOpenIsWaitedForOnlyAMoment() {
        var machine = machine()
        #expect(machine.processEnded(at(1)) == nil)
        #expect(!machine.awaitsExit)
        #expect(machine.timePassed(at(1.9)) == nil)
        #expect(machine.timePassed(at(2)) == .finish)
    }

    @Test func outputThatEndsWhileDrainingFinishes() {
        var machine = machine()
        #expect(machine.processEnded(at(1)) == nil)
        #expect(machine.outputDidEnd() == .finish)
    }

    @Test func theDeadlineAsksThenKillsThenGivesUp() {
        var machine = machine()
        #expect(machine.timePassed(at(9.9)) == nil)
        #expect(machine.timePassed(at(10)) == .terminate(.deadline))
        #expect(machine.timePassed(at(14.9)) == nil)
        #expect(machine.timePassed(at(15)) == .kill(.deadline))
        #expect(machine.timePassed(at(17)) == nil)
        #expect(machine.timePassed(at(18)) == .abandon)
        #expect(machine.isOver && machine.nextDeadline == nil)
    }

    @Test func theFirstReasonStays() {
        var machine = machine()
        #expect(machine.stopRequested(.shutdown, hurry: false, at(1)) == .terminate(.shutdown))
        #expect(machine.stopRequested(.leaseLost, hurry: false, at(2)) == nil)
        #expect(machine.stopRequested(.leaseLost, hurry: true, at(2)) == .kill(.shutdown))
        #expect(machine.stopReason == .shutdown)
    }

    @Test func aHurriedStopKillsAtOnce() {
        var machine = machine()
        #expect(machine.stopRequested(.shutdown, hurry: true, at(1)) == .kill(.shutdown))
        #expect(machine.processEnded(at(1.1)) == nil)
        #expect(machine.outputDidEnd() == .finish)
    }

    /// Whatever comes in whatever order: there is always a deadline until the attempt is over, and it gets over.
    @Test(arguments: 0..<200)
    func anyScheduleEnds(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var machine = machine()
        var now = 0.0
        var finishes = 0
        for _ in 0..<40 where !machine.isOver {
            now += Double.random(in: 0...2, using: &random)
            let action: OneshotMachine.Action? =
                switch Int.random(in: 0..<5, using: &random) {
                case 0: machine.stopRequested(.shutdown, hurry: Bool.random(using: &random), at(now))
                case 1: machine.outputDidEnd()
                case 2: machine.processEnded(at(now))
                default: machine.timePassed(at(now))
                }
            if action == .finish || action == .abandon { finishes += 1 }
            #expect(machine.isOver == (machine.nextDeadline == nil))
        }
        while let deadline = machine.nextDeadline {
            let action = machine.timePassed(deadline)
            if action == .finish || action == .abandon { finishes += 1 }
        }
        #expect(finishes == 1)
        #expect(machine.processEnded(at(now)) == nil && machine.timePassed(at(now + 100)) == nil)
    }
}

/// Random numbers that are the same in each run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
