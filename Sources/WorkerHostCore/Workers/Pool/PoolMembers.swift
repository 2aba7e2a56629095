#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the processes of one pool share: the tasks that nobody has taken, and the rules by which they come and go.
///
/// All of it is under one lock; threads are started, woken and joined outside of it.
final class PoolMembers: Sendable {
    private struct State {
        var machine: PoolMachine
        var waiting: [Lane.Pending] = []
        /// The first that was not taken.
        var head = 0
        var wakes: [Int: WakeDescriptor] = [:]
        /// When a member has taken tasks last.
        var taken: [Int: MonotonicTime] = [:]
        var depth: PipelineDepth
        var isClosed = false

        var count: Int { waiting.count - head }

        mutating func take(_ most: Int) -> [Lane.Pending] {
            let end = min(head + most, waiting.count)
            let taken = Array(waiting[head..<end])
            head = end
            if head == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                head = 0
            } else if head > 1024 {
                waiting.removeFirst(head)
                head = 0
            }
            return taken
        }
    }

    /// What follows from a change: members to start, and others to wake.
    struct Consequences {
        var start: [Int] = []
        var wake: [WakeDescriptor] = []

        func wakeAll() { for descriptor in wake { descriptor.wake() } }
    }

    private let state: Guarded<State>

    init(_ settings: PoolSettings, most: Int) {
        state = Guarded(
            State(
                machine: PoolMachine(least: settings.min, most: most), depth: PipelineDepth(most: settings.pipeline)))
    }

    var memberCount: Int { state.withLock { $0.machine.count } }

    /// The members to start before there is anything to do.
    func warmUp() -> [Int] { state.withLock { $0.machine.warmUp() } }

    /// Queues tasks; nil when the pool is closed and has taken nothing.
    /// - Parameter inFront: these were taken before and come first.
    func add(_ tasks: [Lane.Pending], inFront: Bool = false) -> Consequences? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            if inFront {
                state.waiting.insert(contentsOf: tasks, at: state.head)
            } else {
                state.waiting.append(contentsOf: tasks)
            }
            return Self.consequences(&state)
        }
    }

    private static let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// Over how many members what waits is spread. Tasks of which a process is given many at once gain nothing from more
    /// processes than there are processors, as long as these can hold them, or if they do nothing but compute.
    private static func spread(_ state: State, _ depth: Int) -> Int {
        if depth == 1 { return state.count }
        let least = min(state.count, processors)
        return state.depth.isComputing ? least : max((state.count + depth - 1) / depth, least)
    }

    private static func consequences(_ state: inout State) -> Consequences {
        let start = state.machine.grow(waiting: state.count)
        let depth = state.depth.depth(.now)
        let wanted = Self.spread(state, depth)
        // Those who are at work take more by themselves, and others would only take their processors from them.
        let active = depth > 1 && state.depth.isComputing ? state.machine.count - state.machine.idle : 0
        let woken = state.machine.wake(max(active == 0 ? 1 : 0, wanted - active))
        return Consequences(start: start, wake: woken.compactMap { state.wakes[$0] })
    }

    /// A member's share of what waits, so much that others who wait get theirs too. A member that gets nothing and has
    /// nothing counts as waiting from now on, and is woken when there is something.
    /// - Parameters:
    ///   - open: how many tasks the member has.
    ///   - width: how many it works on side by side.
    func take(_ id: Int, open: Int, width: Int) -> (tasks: [Lane.Pending], start: [Int], looksOut: Bool) {
        let now = MonotonicTime.now
        return state.withLock { state in
            let depth = state.depth.depth(now)
            let room = max(width, min(state.depth.most, depth * width)) - open
            let receivers = min(state.machine.idle + 1, Self.spread(state, depth))
            let share = (state.count + receivers - 1) / max(1, receivers)
            let tasks = room > 0 && state.count > 0 ? state.take(min(room, max(1, share))) : []
            state.machine.setIdle(id, tasks.isEmpty && open == 0)
            if !tasks.isEmpty { state.machine.gave(id) }
            let start = tasks.isEmpty ? [] : state.machine.grow(waiting: state.count)
            if !tasks.isEmpty { state.taken[id] = now }
            return (tasks, start, state.depth.isQuick && Self.isAlone(id, state, now))
        }
    }

    /// A member at work that has taken nothing for so long runs something slow.
    private static let long = Duration.microseconds(60)

    /// Where others are at work, too, there is enough to do without looking out for more; but for those that have something
    /// slow, which only waits.
    private static func isAlone(_ id: Int, _ state: State, _ now: MonotonicTime) -> Bool {
        if state.machine.count - state.machine.idle <= 1 { return true }
        guard state.depth.hasWaiting(now) else { return false }
        return state.taken.allSatisfy { $0.key == id || $0.value.duration(to: now) > long }
    }

    /// Notes how long some tasks ran.
    /// - Parameter busy: the part of it in which the process had a processor.
    func note(mean: Duration, longest: Duration, busy: Double) {
        state.withLock { $0.depth.note(mean: mean, longest: longest, busy: busy, .now) }
    }

    func joined(_ id: Int, _ wake: WakeDescriptor) { state.withLock { $0.wakes[id] = wake } }

    /// A sign of life; whoever this one takes the place of is woken.
    func becameReady(_ id: Int) {
        let wake = state.withLock { state in state.machine.becameReady(id).flatMap { state.wakes[$0] } }
        wake?.wake()
    }

    func mayShrink(_ id: Int) -> Bool { state.withLock { $0.count == 0 && $0.machine.mayShrink(id) } }

    func wantsToLeave(_ id: Int) -> PoolMachine.Exchange { state.withLock { $0.machine.wantsToLeave(id) } }

    /// A member has ended; what waits may need another.
    func ended(_ id: Int) -> Consequences {
        state.withLock { state in
            state.machine.ended(id)
            state.wakes[id] = nil
            state.taken[id] = nil
            return state.count > 0 ? Self.consequences(&state) : Consequences()
        }
    }

    /// Takes out the first that nobody has taken.
    func takeOne() -> Lane.Pending? { state.withLock { $0.count > 0 ? $0.take(1).first : nil } }

    /// Takes out a task under its lease, if nobody has taken it.
    func takeOut(_ taskID: String, _ token: String) -> Lane.Pending? {
        state.withLock { state in
            let index = state.waiting[state.head...].firstIndex {
                $0.leased.task.id == taskID && $0.leased.lease.token == token
            }
            return index.map { state.waiting.remove(at: $0) }
        }
    }

    /// Takes out everything that nobody has taken, if the first of it waits for so long.
    func takeAll(ifWaitingLongerThan wait: Duration = .zero) -> [Lane.Pending] {
        state.withLock { state in
            let now = MonotonicTime.now
            guard state.count > 0, state.waiting[state.head].queuedAt.duration(to: now) >= wait else { return [] }
            return state.take(.max / 2)
        }
    }

    /// Nothing is taken any more, and all members may end; they are woken for it.
    func close() -> [Lane.Pending] {
        let (rest, wakes) = state.withLock { state in
            state.isClosed = true
            state.machine.close()
            return (state.take(.max / 2), Array(state.wakes.values))
        }
        for wake in wakes { wake.wake() }
        return rest
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }
}
