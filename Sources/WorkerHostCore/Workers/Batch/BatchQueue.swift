/// What the lanes of one worker share: the tasks that wait, and what is known about them. All of it is under one lock;
/// threads are started and woken outside of it.
final class BatchQueue: Sendable {
    /// A task that waits for a process.
    struct Item: Sendable {
        let pending: Lane.Pending
        /// It gets a process of its own.
        var isAlone = false
        /// What happened to it before.
        var incidents: [Incident] = []
    }

    /// What a lane is to do.
    enum Turn: Sendable {
        case serve([Item])
        /// Wait to be woken, at most until then.
        case wait(until: MonotonicTime?)
        case end
    }

    /// What follows from a change: lanes to wake, and how many more could be used.
    struct Consequences {
        var wake: [WakeDescriptor] = []
        var lanes = 0
    }

    private struct Slot: Sendable {
        let wake: WakeDescriptor
        /// How many tasks its process has not answered.
        var open = 0
        /// It waits to be woken.
        var waits = false
    }

    private struct State {
        var waiting: [Item] = []
        var slots: [Int: Slot] = [:]
        var speech = BatchSpeech()
        var suspects = BatchSuspects()
        var depth: BatchDepth
        var isClosed = false

        var busy: Int { slots.count { $0.value.open > 0 } }
    }

    private let settings: BatchSettings
    private let most: Int
    private let state: Guarded<State>

    /// - Parameter most: how many lanes there may be.
    init(_ settings: BatchSettings, most: Int) {
        self.settings = settings
        self.most = most
        state = Guarded(
            State(depth: BatchDepth(most: settings.size)))
    }

    // MARK: Tasks that wait

    /// Queues tasks; nil when the queue is closed and has taken nothing.
    func add(_ tasks: [Lane.Pending]) -> Consequences? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            state.waiting += tasks.map { Item(pending: $0, isAlone: state.suspects.contains($0.leased.task.id)) }
            return consequences(&state)
        }
    }

    /// Queues tasks that a process had and did not answer, in front of all others.
    func giveBack(_ items: [Item]) -> Consequences? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            state.waiting.insert(contentsOf: items, at: 0)
            return consequences(&state)
        }
    }

    /// Takes out everything that no lane has taken, if the first of it waits for so long, beside the time in which it
    /// waits for others.
    func takeAll(ifWaitingLongerThan wait: Duration = .zero) -> [Lane.Pending] {
        state.withLock { state in
            guard let first = state.waiting.first else { return [] }
            let allowed = wait == .zero ? .zero : wait + settings.linger
            guard first.pending.queuedAt.duration(to: .now) >= allowed else { return [] }
            defer { state.waiting = [] }
            state.speech.left(state.waiting.map(\.pending.leased.task.id))
            return state.waiting.map(\.pending)
        }
    }

    /// Takes out a task under its lease, if no lane has taken it.
    func takeOut(_ taskID: String, _ token: String) -> Lane.Pending? {
        state.withLock { state in
            let index = state.waiting.firstIndex {
                $0.pending.leased.task.id == taskID && $0.pending.leased.lease.token == token
            }
            guard let index else { return nil }
            state.speech.left([taskID])
            return state.waiting.remove(at: index).pending
        }
    }

    /// Nothing is taken any more, and the lanes end.
    func close() -> [Lane.Pending] {
        let (rest, wakes) = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return (state.waiting.map(\.pending), state.slots.values.map(\.wake))
        }
        for wake in wakes { wake.wake() }
        return rest
    }

    // MARK: Lanes

    func joined(_ slot: Int, _ wake: WakeDescriptor) { state.withLock { $0.slots[slot] = Slot(wake: wake) } }

    /// What a free lane is to do next.
    func turn(of slot: Int) -> Turn {
        state.withLock { state in
            guard !state.isClosed else { return .end }
            state.slots[slot]?.open = 0
            guard let first = state.waiting.first else {
                state.slots[slot]?.waits = true
                return .wait(until: nil)
            }
            let picked = pick(state)
            let lingerEnd = first.pending.queuedAt.advanced(by: settings.linger)
            if settings.linger > .zero, !first.isAlone, picked.count < largest(state), lingerEnd > .now {
                state.slots[slot]?.waits = true
                return .wait(until: lingerEnd)
            }
            state.slots[slot]?.waits = false
            state.slots[slot]?.open = picked.count
            let items = picked.map { state.waiting[$0] }
            for index in picked.reversed() { state.waiting.remove(at: index) }
            return .serve(items)
        }
    }

    /// Where the tasks lie that go together: those that wait, never the same id twice, and one that is run alone alone.
    private func pick(_ state: State) -> [Int] {
        guard let first = state.waiting.first else { return [] }
        let share = first.isAlone ? 1 : share(state)
        if share == 1 { return [0] }
        var ids: Set<String> = []
        var picked: [Int] = []
        for (index, item) in state.waiting.enumerated() where picked.count < share {
            if !item.isAlone, ids.insert(item.pending.leased.task.id).inserted { picked.append(index) }
        }
        return picked
    }

    private func largest(_ state: State) -> Int { state.speech.isOnTrial ? 1 : settings.size }

    /// How many tasks one process is given: all that wait if they take no second together, or if they are to be
    /// gathered; else an even share among the processes that may be started.
    private func share(_ state: State) -> Int {
        let largest = largest(state)
        guard settings.linger == .zero else { return largest }
        let free = max(1, most - state.busy)
        return min(largest, max((state.waiting.count + free - 1) / free, state.depth.depth))
    }

    private func consequences(_ state: inout State) -> Consequences {
        guard !state.waiting.isEmpty else { return Consequences() }
        let alone = state.waiting.count { $0.isAlone }
        let share = share(state)
        var wanted = alone + (state.waiting.count - alone + share - 1) / share
        var result = Consequences()
        for (slot, value) in state.slots where value.waits && wanted > 0 {
            // One that waits for its batch to fill looks again, and waits on.
            state.slots[slot]?.waits = false
            result.wake.append(value.wake)
            wanted -= 1
        }
        result.lanes = max(0, min(wanted, most - state.slots.count))
        return result
    }

    /// How many tasks may be held at once: what the processes have, and a full batch for each further one.
    var capacity: Int {
        state.withLock { state in
            state.slots.values.reduce(0) { $0 + $1.open } + (most - state.busy) * largest(state)
        }
    }

    // MARK: What is known

    /// So many tasks of the lane's process have no reply yet.
    func setOpen(_ slot: Int, _ count: Int) { state.withLock { $0.slots[slot]?.open = count } }

    /// A task was answered; how long it ran, unless the start of its process is part of that.
    func answered(_ id: String, ran: Duration?) {
        state.withLock { state in
            state.suspects.clear(id)
            if let ran { state.depth.note(ran) }
        }
    }

    /// A process ended without an answer to the task.
    func suspect(_ ids: [String]) { state.withLock { state in for id in ids { state.suspects.insert(id) } } }

    var isProven: Bool { state.withLock { $0.speech.isProven } }

    /// Changes what is known about how the worker speaks.
    func speech<Result>(_ body: (inout BatchSpeech) -> Result) -> Result { state.withLock { body(&$0.speech) } }
}
