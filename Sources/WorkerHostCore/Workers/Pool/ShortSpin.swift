import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// When a lane looks again and again for a moment before it sleeps.
///
/// A sleeping thread is awake again after some 10 to 50 µs, which is as long as a quick task takes: a lone one would wait
/// longer for the host than it runs. So where tasks are that quick and the next event was near the last time, the lane
/// spends at most ``longest`` looking. An idle host does not: after one look in vain the lane sleeps.
struct ShortSpin {
    /// In microseconds; enough for the next task to come when this one's outcome is taken.
    static let longest = 100.0

    /// With one processor the worker would not run meanwhile.
    private static let isPossible = sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1

    /// Lets one lane of a pool look at a time: what several burn in vain would be missed by the workers.
    final class Gate: Sendable {
        private let isTaken = Atomic(false)

        func enter() -> Bool {
            isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
        }

        func leave() { isTaken.store(false, ordering: .releasing) }
    }

    private let gate: Gate
    /// Whether the last wait was short.
    private var wasNear = false

    init(_ gate: Gate) {
        self.gate = gate
    }

    /// Polls; without an event in the next moment it sleeps as long as `timeout` says.
    mutating func poll(
        _ polls: UnsafeMutableBufferPointer<pollfd>, timeout: Int32, isWorthIt: Bool, hasTask: Bool
    ) -> Int32 {
        let count = nfds_t(polls.count)
        guard isWorthIt, Self.isPossible, timeout != 0 else { return sleep(polls, count, timeout) }
        // With a task under way the reply is near, whatever was before.
        guard hasTask || wasNear, gate.enter() else { return sleep(polls, count, timeout) }
        let end = MonotonicTime.now.nanoseconds + Int64(Self.longest * 1000)
        repeat {
            let ready = systemPoll(polls.baseAddress, count, 0)
            if ready != 0 {
                wasNear = true
                gate.leave()
                return ready
            }
            // Where all processors are busy, the process that is to answer may wait for this very one.
            sched_yield()
        } while MonotonicTime.now.nanoseconds < end
        gate.leave()
        return sleep(polls, count, timeout)
    }

    private mutating func sleep(
        _ polls: UnsafeMutableBufferPointer<pollfd>, _ count: nfds_t, _ timeout: Int32
    ) -> Int32 {
        let start = MonotonicTime.now.nanoseconds
        let ready = systemPoll(polls.baseAddress, count, timeout)
        // Waking up is in it.
        wasNear = MonotonicTime.now.nanoseconds - start < Int64(Self.longest * 2000)
        return ready
    }
}

/// The system's `poll`, under a name that a method of that name does not hide.
private func systemPoll(_ polls: UnsafeMutablePointer<pollfd>?, _ count: nfds_t, _ timeout: Int32) -> Int32 {
    poll(polls, count, timeout)
}
