import Testing

@testable import WorkerHostCore

/// What wakes one task, at a call, a moment or its cancellation.
@Suite struct SignalTests {
    @Test func aCallBeforeTheWaitIsNotLost() async {
        let signal = Signal()
        signal.fire()
        await signal.wait()
        signal.fire()
        await signal.wait(until: .now.advanced(by: .seconds(60)))
    }

    @Test func theMomentEndsAWait() async {
        let signal = Signal()
        for _ in 0..<3 {
            let moment = MonotonicTime.now.advanced(by: .milliseconds(5))
            await signal.wait(until: moment)
            #expect(MonotonicTime.now >= moment)
        }
        // What was not called is not remembered: this one, too, lasts.
        let moment = MonotonicTime.now.advanced(by: .milliseconds(5))
        await signal.wait(until: moment)
        #expect(MonotonicTime.now >= moment)
    }

    @Test func anEarlierMomentIsNotHeldUpByALaterOneBefore() async {
        let signal = Signal()
        signal.fire()
        await signal.wait(until: .now.advanced(by: .seconds(3600)))
        signal.fire()
        await signal.wait(until: .now.advanced(by: .seconds(600)))
        let moment = MonotonicTime.now.advanced(by: .milliseconds(5))
        await signal.wait(until: moment)
        #expect(MonotonicTime.now < moment.advanced(by: .seconds(60)))
    }

    /// Its timer is that of an earlier wait, which rings too soon for it.
    @Test func aLaterMomentThanTheTimersIsWaitedForInFull() async {
        let signal = Signal()
        async let first: Void = signal.wait(until: .now.advanced(by: .milliseconds(10)))
        signal.fire()
        await first
        let moment = MonotonicTime.now.advanced(by: .milliseconds(40))
        await signal.wait(until: moment)
        #expect(MonotonicTime.now >= moment)
    }

    @Test func cancellationEndsAWait() async {
        let signal = Signal()
        let task = Task {
            await signal.wait(until: .now.advanced(by: .seconds(3600)))
            return Task.isCancelled
        }
        task.cancel()
        #expect(await task.value)
    }

    @Test func manyCallsAndMomentsLoseNoWaiter() async {
        let signal = Signal()
        let rounds = Guarded(0)
        await withTaskGroup { group in
            group.addTask {
                for round in 0..<2000 {
                    await signal.wait(until: .now.advanced(by: .microseconds(round % 7 * 40)))
                    rounds.withLock { $0 += 1 }
                }
            }
            group.addTask {
                while rounds.withLock({ $0 }) < 2000 {
                    signal.fire()
                    await Task.yield()
                }
            }
        }
        #expect(rounds.withLock { $0 } == 2000)
    }
}
