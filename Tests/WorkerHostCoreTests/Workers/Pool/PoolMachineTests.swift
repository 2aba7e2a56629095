import Testing

@testable import WorkerHostCore

@Suite struct PoolMachineTests {
    /// A pool whose members are ready as soon as they are started.
    private func ready(_ machine: inout PoolMachine, _ ids: [Int]) {
        for id in ids { _ = machine.becameReady(id) }
    }

    @Test func theLeastNumberIsThereBeforeAnyTask() {
        var machine = PoolMachine(least: 2, most: 5)
        #expect(machine.warmUp().count == 2)
        #expect(machine.warmUp().isEmpty)
        var small = PoolMachine(least: 9, most: 3)
        #expect(small.warmUp().count == 3, "never more than the most")
    }

    @Test func itGrowsWithWhatWaitsAndKeepsOneReadyAhead() {
        var machine = PoolMachine(least: 0, most: 4)
        #expect(machine.grow(waiting: 0).isEmpty, "nothing to do, nobody there")
        let first = machine.grow(waiting: 1)
        #expect(first.count == 1)
        #expect(machine.grow(waiting: 1).isEmpty, "one is on its way")
        ready(&machine, first)
        #expect(machine.grow(waiting: 0).count == 1, "the only one is busy: the next task finds another")
        #expect(machine.grow(waiting: 9).count == 2, "up to the most")
        #expect(machine.grow(waiting: 9).isEmpty)
        #expect(machine.count == 4)
    }

    @Test func thoseThatWaitAreWokenInsteadOfStartingMore() {
        var machine = PoolMachine(least: 0, most: 4)
        let ids = machine.grow(waiting: 2)
        ready(&machine, ids)
        for id in ids { machine.setIdle(id, true) }
        #expect(machine.idle == 2)
        #expect(machine.grow(waiting: 2).isEmpty)
        #expect(Set(machine.wake(5)) == Set(ids))
        #expect(machine.idle == 0)
    }

    @Test func itShrinksToTheLeastNumber() {
        var machine = PoolMachine(least: 1, most: 3)
        let ids = machine.warmUp() + machine.grow(waiting: 9)
        ready(&machine, ids)
        #expect(machine.mayShrink(ids[0]) == true)
        #expect(machine.mayShrink(ids[1]) == true)
        #expect(machine.mayShrink(ids[2]) == false, "the last one stays")
        machine.close()
        #expect(machine.mayShrink(ids[2]) == true, "unless all is over")
    }

    @Test func aMemberGoesOnUntilItsSuccessorIsThereOneAtATime() {
        var machine = PoolMachine(least: 2, most: 2)
        let ids = machine.warmUp()
        ready(&machine, ids)
        guard case .start(let successor) = machine.wantsToLeave(ids[0]) else {
            Issue.record("a successor is started")
            return
        }
        #expect(machine.count == 3)
        #expect(machine.wantsToLeave(ids[0]) == .wait)
        #expect(machine.wantsToLeave(ids[1]) == .wait)
        #expect(machine.becameReady(successor) == ids[0])
        #expect(machine.wantsToLeave(successor) == .wait, "the successor is there to stay")
        #expect(machine.wantsToLeave(ids[0]) == .leave)
        machine.ended(ids[0])
        guard case .start(let second) = machine.wantsToLeave(ids[1]) else {
            Issue.record("the next one's turn")
            return
        }
        // The successor dies at its start: the old one asks again.
        machine.ended(second)
        if case .start = machine.wantsToLeave(ids[1]) {} else { Issue.record("another successor is tried") }
    }

    /// For random schedules: never more members than allowed and one, never fewer that serve than the least once they
    /// were started and none has died.
    @Test(arguments: 0..<50)
    func itStaysWithinItsBounds(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let most = Int.random(in: 1...6, using: &random)
        let least = Int.random(in: 0...most, using: &random)
        var machine = PoolMachine(least: least, most: most)
        var alive = machine.warmUp()
        for _ in 0..<500 {
            switch Int.random(in: 0..<7, using: &random) {
            case 0: alive += machine.grow(waiting: Int.random(in: 0...5, using: &random))
            case 1: if let id = alive.randomElement(using: &random) { _ = machine.becameReady(id) }
            case 2: if let id = alive.randomElement(using: &random) { machine.setIdle(id, .random(using: &random)) }
            case 3: _ = machine.wake(Int.random(in: 0...3, using: &random))
            case 4:
                if let id = alive.randomElement(using: &random), machine.mayShrink(id) {
                    machine.ended(id)
                    alive.removeAll { $0 == id }
                }
            case 5:
                guard let id = alive.randomElement(using: &random) else { continue }
                switch machine.wantsToLeave(id) {
                case .leave:
                    machine.ended(id)
                    alive.removeAll { $0 == id }
                case .wait: break
                case .start(let successor): alive.append(successor)
                }
            default:
                if let id = alive.randomElement(using: &random), Int.random(in: 0..<4, using: &random) == 0 {
                    machine.ended(id)
                    alive.removeAll { $0 == id }
                }
            }
            #expect(machine.count == alive.count)
            #expect(machine.count <= most + 1)
        }
    }
}

@Suite struct PipelineDepthTests {
    @Test func onlyVeryShortTasksAreGivenAhead() {
        let start = MonotonicTime(nanoseconds: 0)
        var depth = PipelineDepth(most: 16)
        #expect(depth.depth(start) == 1, "nothing is known yet")
        depth.note(mean: .microseconds(20), longest: .microseconds(20), start)
        #expect(depth.depth(start) == 16)
        depth.note(mean: .milliseconds(500), longest: .milliseconds(500), start)
        for _ in 0..<1000 { depth.note(mean: .microseconds(20), longest: .microseconds(20), start) }
        #expect(depth.depth(start) == 1, "one slow task counts for long")
        #expect(depth.depth(start.advanced(by: PipelineDepth.memory)) == 16)
        for _ in 0..<40 { depth.note(mean: .microseconds(700), longest: .microseconds(700), start) }
        #expect(depth.depth(start.advanced(by: PipelineDepth.memory)) == 2)
    }

    @Test func tasksThatHaveBecomeSlowAreGivenOneByOne() {
        let start = MonotonicTime(nanoseconds: 0)
        var depth = PipelineDepth(most: 16)
        for _ in 0..<1000 { depth.note(mean: .microseconds(20), longest: .microseconds(20), start) }
        for _ in 0..<3 { depth.note(mean: .milliseconds(100), longest: .milliseconds(100), start) }
        #expect(depth.depth(start.advanced(by: .seconds(60))) == 1)
    }
}
