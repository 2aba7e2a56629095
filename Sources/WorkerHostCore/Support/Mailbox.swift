/// A queue from any thread to one waiting task, which takes all that is there at once.
///
/// A lone element is handed over immediately; what arrives while the consumer is busy becomes its next batch.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiter = SuspendedTask()
        /// The waiter is resumed when so many elements are there.
        var wanted = 1
        var isFinished = false
        var lost = 0

        /// The waiter, if it has what it waits for.
        mutating func due() -> CheckedContinuation<Void, Never>? {
            elements.count >= wanted || isFinished ? waiter.take() : nil
        }
    }

    private let state = Guarded(State())
    private let alarm = Alarm()
    private let capacity: Int

    /// - Parameter capacity: elements over it are lost and counted.
    init(capacity: Int = .max) {
        self.capacity = capacity
    }

    /// How many elements found no room.
    var lost: Int { state.withLock { $0.lost } }

    func send(_ element: Element) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.elements.count < capacity, !state.isFinished else {
                state.lost += 1
                return nil
            }
            state.elements.append(element)
            return state.due()
        }
        waiter?.resume()
    }

    /// Returns how many of the elements found room.
    @discardableResult
    func send(contentsOf elements: [Element]) -> Int {
        let (taken, waiter) = state.withLock { state -> (Int, CheckedContinuation<Void, Never>?) in
            let room = state.isFinished ? 0 : max(0, capacity - state.elements.count)
            let taken = min(room, elements.count)
            state.elements.append(contentsOf: elements.prefix(taken))
            state.lost += elements.count - taken
            return (taken, state.due())
        }
        waiter?.resume()
        return taken
    }

    /// How many elements wait.
    var count: Int { state.withLock { $0.elements.count } }

    /// Lets the consumer take what is left and then end.
    func finish() {
        let waiter = state.withLock { state in
            state.isFinished = true
            return state.due()
        }
        waiter?.resume()
    }

    /// All elements that are there, or as soon as there is one; nil once the mailbox is finished and empty.
    ///
    /// For one consumer. Cancelling the consumer does not end the wait: ``finish()`` does, so that nothing is left
    /// behind.
    func next() async -> [Element]? {
        while true {
            let (batch, finished) = state.withLock { state -> ([Element]?, Bool) in
                state.wanted = 1
                return (state.elements.isEmpty ? nil : exchange(&state.elements), state.isFinished)
            }
            if let batch { return batch }
            if finished { return nil }
            await wait()
        }
    }

    /// What has arrived as soon as there are so many elements, or at the moment; may be nothing.
    ///
    /// For the one consumer, as ``next()``.
    func more(atLeast count: Int, until moment: MonotonicTime) async -> [Element] {
        let isThere = state.withLock { state in
            state.wanted = count
            return state.elements.count >= count || state.isFinished
        }
        if !isThere, moment > .now { await wait(limit: moment) }
        return state.withLock { exchange(&$0.elements) }
    }

    private func wait(limit: MonotonicTime? = nil) async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                state.waiter.suspend(continuation, until: limit)
                return state.due()
            }
            if let ready { return ready.resume() }
            if let limit { alarm.set(limit) { [state] in state.withLock { $0.waiter.expire(.now) } } }
        }
    }
}

/// Takes an array's content and leaves it empty with its capacity kept for the next batch.
private func exchange<Element>(_ elements: inout [Element]) -> [Element] {
    var taken: [Element] = []
    taken.reserveCapacity(min(elements.count, 256))
    swap(&taken, &elements)
    return taken
}
