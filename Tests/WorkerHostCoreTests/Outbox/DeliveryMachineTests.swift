import Testing

@testable import WorkerHostCore

@Suite struct DeliveryMachineTests {
    private let options = DeliveryOptions(
        mostUndelivered: 10, mostUndeliveredBytes: 10_000, batch: 4, batchesAtOnce: 2, gathering: .zero,
        backoff: .exponentialJitter(initial: .seconds(1), cap: .seconds(8)))
    private let time = Timestamp(microseconds: 1_000_000)

    private func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

    private func entry(
        _ id: Int64, task: String? = nil, outcome: OutboxEntry.Outcome = .succeeded, size: Int = 10, lease: String = "l"
    ) -> OutboxEntry {
        OutboxEntry(
            id: id, taskID: task ?? "t\(id)", lease: Lease(token: lease), outcome: outcome, size: size, storedAt: time)
    }

    private func machine(_ entries: [OutboxEntry]) -> DeliveryMachine {
        var machine = DeliveryMachine(options: options)
        for entry in entries { machine.add(entry, now: at(0)) }
        return machine
    }

    private func answer(
        _ machine: inout DeliveryMachine, _ batch: [DeliveryMachine.Item], _ answers: [Acknowledgement], _ now: Double
    ) -> [String] {
        words(machine.answered(batch, answers, now: at(now), wallClock: time, random: 1))
    }

    private func next(_ machine: inout DeliveryMachine, _ now: Double) -> [DeliveryMachine.Item] {
        machine.next(at(now)) ?? []
    }

    private func isFull(_ machine: inout DeliveryMachine) -> Bool { machine.checkFull() }

    private func fail(_ machine: inout DeliveryMachine, _ batch: [DeliveryMachine.Item], _ now: Double) {
        _ = machine.unanswered(batch, error: "down", now: at(now), wallClock: time, random: 1)
    }

    private func words(_ settlements: [OutboxSettlement]) -> [String] {
        settlements.map { settlement in
            switch settlement {
            case .gone(let id): "gone \(id)"
            case .rejected(let id, let reason, _): "rejected \(id) \(reason)"
            case .postponed(let id, let tries, let next, let error):
                "postponed \(id) \(tries) +\(time.duration(to: next).inSeconds) \(error)"
            }
        }
    }

    @Test func eachAnswerHasOneConsequence() {
        var machine = machine((1...4).map { entry($0) })
        let batch = next(&machine, 0)
        #expect(batch.map(\.id) == [1, 2, 3, 4])
        #expect(
            answer(
                &machine, batch,
                [.accepted, .leaseLost, .rejected(reason: "no"), .later(reason: "busy", after: .seconds(5))], 0)
                == ["gone 1", "gone 2", "rejected 3 no", "postponed 4 1 +5.0 busy"])
        let counters = machine.counters
        #expect(counters.delivered == 1 && counters.superseded == 1 && counters.refused == 1 && counters.rejected == 1)
        #expect(counters.undelivered == 1 && counters.undeliveredBytes == 10 && counters.failedTries == 1)
        #expect(machine.wake == at(5) && machine.next(at(4.9)) == nil)
        #expect(machine.next(at(5))?.map(\.id) == [4])
    }

    @Test func waitsGrowAndAreCapped() {
        var machine = machine([entry(1)])
        var now = 0.0
        for wait in [1.0, 2, 4, 8, 8] {
            let batch = next(&machine, now)
            _ = answer(&machine, batch, [.later(reason: "busy", after: nil)], now)
            #expect(machine.wake == at(now + wait))
            now += wait
        }
        #expect(machine.trouble == "busy", "nothing was taken for several rounds")
        let batch = next(&machine, now)
        _ = answer(&machine, batch, [.accepted], now)
        #expect(machine.trouble == nil && machine.isEmpty)
    }

    @Test func batchesAreBoundedInNumberCountAndBytes() {
        var machine = machine((1...12).map { entry($0, size: $0 == 6 ? 5 << 20 : 10) })
        #expect(machine.next(at(0))?.map(\.id) == [1, 2, 3, 4])
        let second = next(&machine, 0)
        #expect(second.map(\.id) == [5], "the next one is too large to go with it")
        #expect(machine.next(at(0)) == nil, "two are on their way")
        _ = answer(&machine, second, [.accepted], 0)
        #expect(machine.next(at(0))?.map(\.id) == [6], "a single one may be of any size")
    }

    @Test func outcomesOfATaskGoOneAfterTheOther() {
        var machine = machine([entry(1, task: "a"), entry(2, task: "a"), entry(3, task: "b"), entry(4, task: "a")])
        let first = next(&machine, 0)
        #expect(first.map(\.id) == [1, 3])
        _ = answer(&machine, first, [.later(reason: "x", after: nil), .accepted], 0)
        #expect(machine.next(at(0.5)) == nil, "what follows waits for what is postponed")
        let again = next(&machine, 1)
        #expect(again.map(\.id) == [1])
        _ = answer(&machine, again, [.rejected(reason: "never")], 1)
        let next = next(&machine, 1)
        #expect(next.map(\.id) == [2], "one that is refused lets others by")
        machine.drop(4)
        _ = answer(&machine, next, [.accepted], 1)
        #expect(machine.isEmpty && machine.next(at(1)) == nil)
    }

    @Test func aBatchWithoutAnswerIsHalvedAndOthersGoFirst() {
        var machine = machine((1...5).map { entry($0) })
        let first = next(&machine, 0)
        fail(&machine, first, 0)
        #expect(machine.next(at(0.5)) == nil, "nothing is tried while the pause lasts")
        let other = next(&machine, 1)
        #expect(other.map(\.id) == [5])
        #expect(machine.next(at(1)) == nil, "one batch at a time finds out whether it answers")
        _ = answer(&machine, other, [.accepted], 1)
        let left = next(&machine, 1)
        let right = next(&machine, 1)
        #expect(left.map(\.id) == [1, 2] && right.map(\.id) == [3, 4])
        fail(&machine, left, 1)
        _ = answer(&machine, right, [.accepted, .accepted], 1)
        let alone = next(&machine, 1)
        #expect(alone.map(\.id) == [1])
        fail(&machine, alone, 1)
        let rest = next(&machine, 3)
        #expect(rest.map(\.id) == [2])
        _ = answer(&machine, rest, [.accepted], 3)
        #expect(machine.trouble == nil, "one poisonous outcome is no trouble with the TaskManager")
        #expect(machine.next(at(4))?.map(\.id) == nil, "it waits longer each time, by itself")
        #expect(machine.next(at(5))?.map(\.id) == [1])
    }

    @Test func whileNothingIsAnsweredTriesBecomeSeldom() {
        var machine = machine((1...9).map { entry($0) })
        var now = 0.0
        for wait in [1.0, 2, 4, 8, 8, 8] {
            let batch = next(&machine, now)
            #expect(machine.next(at(now)) == nil || machine.failures == 0)
            fail(&machine, batch, now)
            now += wait
            #expect(machine.next(at(now - 0.1)) == nil)
        }
        #expect(machine.trouble == "down")
        machine.hurry()
        #expect(machine.next(at(now - 5)) != nil, "a host that stops tries at once")
    }

    @Test func aNewLeaseIsTakenInEveryState() {
        let new = Lease(token: "new")
        var machine = machine([entry(1), entry(2, task: "b"), entry(3, task: "b")])
        machine.rebind(entry(1), to: new, now: at(0))
        let batch = next(&machine, 0)
        #expect(batch.map(\.lease.token) == ["new", "l"])
        machine.rebind(entry(2, task: "b"), to: new, now: at(0))
        machine.rebind(entry(3, task: "b"), to: new, now: at(0))
        #expect(answer(&machine, batch, [.accepted, .leaseLost], 0) == ["gone 1"], "the answer was for the old lease")
        let second = next(&machine, 0)
        #expect(second.map(\.id) == [2] && second[0].lease == new)
        #expect(answer(&machine, second, [.accepted], 0) == ["gone 2"])
        #expect(machine.next(at(0))?.first?.lease == new)
        machine.rebind(entry(9), to: new, now: at(0))
        #expect(machine.next(at(0))?.map(\.id) == [9], "one that another host kept")
    }

    @Test(arguments: [OutboxEntry.Outcome.succeeded, .failed, .retry, .released])
    func aLostLeaseWaitsForTheClaimsUnderWay(_ outcome: OutboxEntry.Outcome) {
        var machine = machine([entry(1, outcome: outcome)])
        let batch = next(&machine, 0)
        let (first, second) = (machine.claimBegins(), machine.claimBegins())
        let settled = answer(&machine, batch, [.leaseLost], 0)
        guard outcome.isFinal else {
            #expect(settled == ["gone 1"], "the new lease is the run that was asked for")
            return
        }
        #expect(settled.isEmpty)
        let third = machine.claimBegins()
        #expect(machine.claimEnds(first).isEmpty && !machine.isEmpty)
        #expect(words(machine.claimEnds(second)) == ["gone 1"])
        #expect(machine.claimEnds(third).isEmpty && machine.isEmpty)
    }

    @Test func aClaimThatBringsTheTaskSavesTheOutcome() {
        var machine = machine([entry(1)])
        let batch = next(&machine, 0)
        let claim = machine.claimBegins()
        #expect(answer(&machine, batch, [.leaseLost], 0).isEmpty)
        machine.rebind(entry(1), to: Lease(token: "new"), now: at(0))
        #expect(machine.claimEnds(claim).isEmpty)
        #expect(machine.next(at(0))?.map(\.lease.token) == ["new"])
    }

    @Test func editsByHandAreTakenIn() {
        var machine = machine((1...3).map { entry($0) })
        let batch = next(&machine, 0)
        _ = answer(&machine, batch, Array(repeating: .later(reason: "x", after: .seconds(60)), count: 3), 0)
        let known = machine.ids
        machine.add(entry(5), now: at(0))
        let postponed = OutboxEntry(
            id: 3, taskID: "t3", lease: Lease(token: "l"), outcome: .succeeded, size: 10, storedAt: time, tries: 1,
            nextTry: time)
        machine.sync([entry(2), postponed, entry(4)], known: known, now: at(0))
        #expect(machine.ids == [2, 3, 4, 5], "1 was discarded, 4 had been refused, 5 is newer than the look")
        #expect(Set(next(&machine, 0).map(\.id)) == [2, 4, 5])
    }

    @Test func fullnessHasTwoLimitsAndDrains() {
        var machine = machine((1...10).map { entry($0) })
        #expect(isFull(&machine))
        machine.drop(1)
        #expect(isFull(&machine), "it drains a little before it takes more")
        machine.drop(2)
        #expect(!isFull(&machine))
        machine.add(entry(11, size: 10_000), now: at(0))
        #expect(isFull(&machine))
        machine.drop(11)
        #expect(!isFull(&machine))
    }

    @Test func aFewWaitForAMomentWhileABatchIsAway() {
        var machine = DeliveryMachine(options: DeliveryOptions(gathering: .milliseconds(4)))
        machine.add(entry(1), now: at(0))
        #expect(machine.next(at(0))?.map(\.id) == [1], "a lone one does not wait")
        machine.add(entry(2), now: at(0))
        #expect(machine.next(at(0))?.map(\.id) == nil)
        #expect(!machine.waitsForAnswer && machine.wake == at(0.004), "not for longer than this")
        machine.add(entry(3), now: at(0.001))
        #expect(machine.next(at(0.001))?.map(\.id) == nil)
        #expect(machine.next(at(0.004))?.map(\.id) == [2, 3])
        #expect(machine.waitsForAnswer)
        for id in Int64(4)...11 { machine.add(entry(id), now: at(0.005)) }
        #expect(machine.next(at(0.005))?.count == 8, "many do not wait")
    }
}
