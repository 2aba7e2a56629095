import Testing

@testable import WorkerHostCore

/// The timers of waits that mostly end early.
@Suite struct AlarmTests {
    @Test func laterMomentsTakeNoTimer() async {
        let alarm = Alarm()
        let now = MonotonicTime.now
        for seconds in 60..<160 { alarm.set(now.advanced(by: .seconds(seconds))) { (nil, nil) } }
        #expect(alarm.count == 1)
        alarm.set(now.advanced(by: .seconds(30))) { (nil, nil) }
        alarm.set(now.advanced(by: .seconds(45))) { (nil, nil) }
        #expect(alarm.count == 2)
    }

    @Test func itRingsAtItsMomentAndIsDoneWithIt() async {
        let alarm = Alarm()
        let rang = Guarded<MonotonicTime?>(nil)
        let moment = MonotonicTime.now.advanced(by: .milliseconds(5))
        alarm.set(moment) {
            rang.withLock { $0 = .now }
            return (nil, nil)
        }
        let hasRung = await eventually { rang.withLock { $0 } != nil }
        #expect(hasRung)
        #expect(rang.withLock { $0.map { $0 >= moment } } == true)
        #expect(alarm.count == 0)
    }

    @Test func itAsksAgainUntilTheWaitIsOver() async {
        let alarm = Alarm()
        let asked = Guarded(0)
        await withCheckedContinuation { continuation in
            alarm.set(.now.advanced(by: .milliseconds(1))) {
                let count = asked.withLock { asked in
                    asked += 1
                    return asked
                }
                return count < 3 ? (nil, .now.advanced(by: .milliseconds(1))) : (continuation, nil)
            }
        }
        #expect(asked.withLock { $0 } == 3)
    }

    @Test func itsEndEndsItsTimers() async {
        let rang = Guarded(false)
        let held = Guarded<Held?>(Held())
        weak let witness = held.withLock { $0 }
        do {
            let alarm = Alarm()
            let object = held.withLock { $0.take() }
            alarm.set(.now.advanced(by: .seconds(3600))) {
                _ = object
                rang.withLock { $0 = true }
                return (nil, nil)
            }
        }
        let isGone = await eventually { witness == nil }
        #expect(isGone)
        #expect(!rang.withLock { $0 })
    }

    private final class Held: Sendable {}
}
