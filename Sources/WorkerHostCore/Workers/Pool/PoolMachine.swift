/// The rules by which a pool grows, shrinks and exchanges its processes. No clock, no I/O: it is told what happened and
/// says how many processes to start and which may leave.
struct PoolMachine: Sendable {
    /// What a process does, as far as the pool is concerned.
    private struct Member: Sendable {
        /// It has given a sign of life.
        var isReady = false
        /// It waits for a task.
        var isIdle = false
        /// It was given a task before it gave a sign of life.
        var hasTask = false
        /// It takes no more tasks.
        var isLeaving = false
        /// It may leave as soon as it likes: its successor is there.
        var mayLeave = false
    }

    private let least: Int
    private let most: Int
    private var members: [Int: Member] = [:]
    /// Members that wait for a task.
    private(set) var idle = 0
    /// Those that take tasks, or will.
    private var serving = 0
    /// Those of them that have not given a sign of life yet.
    private var starting = 0
    private var nextID = 0
    /// The member that waits for its successor, and the successor; until the old one is gone.
    private var exchange: (old: Int, new: Int)?
    private var isClosed = false

    init(least: Int, most: Int) {
        self.most = max(1, most)
        self.least = min(max(0, least), self.most)
    }

    var count: Int { members.count }

    /// Changes a member and what is counted of all of them.
    private mutating func change(_ id: Int, _ body: (inout Member) -> Void) {
        guard var member = members[id] else { return }
        count(member, -1)
        body(&member)
        count(member, 1)
        members[id] = member
    }

    private mutating func count(_ member: Member, _ sign: Int) {
        if member.isIdle { idle += sign }
        if !member.isLeaving { serving += sign }
        // One that waits counts as such, and one that was given a task before it was ready has enough to do.
        if !member.isLeaving, !member.isReady, !member.isIdle, !member.hasTask { starting += sign }
    }

    mutating func close() { isClosed = true }

    /// The members to start before there is anything to do.
    mutating func warmUp() -> [Int] { (0..<max(0, least - serving)).map { _ in add() } }

    /// The members to start, with so many tasks that nobody has taken. One more than needed is kept ready, so that the
    /// next task finds a process that waits.
    mutating func grow(waiting: Int) -> [Int] {
        guard !isClosed else { return [] }
        let wanted = waiting > 0 ? waiting - idle - starting : (idle + starting == 0 && serving > 0 ? 1 : 0)
        // What is about to end still counts: never are there more processes than allowed.
        return (0..<max(0, min(wanted, most - members.count))).map { _ in add() }
    }

    private mutating func add() -> Int {
        nextID += 1
        let member = Member()
        members[nextID] = member
        count(member, 1)
        return nextID
    }

    /// The member could not be started after all, or has ended.
    mutating func ended(_ id: Int) {
        if let member = members.removeValue(forKey: id) { count(member, -1) }
        guard let exchange, exchange.old == id || exchange.new == id else { return }
        // A successor that died took the leave with it.
        members[exchange.old]?.mayLeave = false
        self.exchange = nil
    }

    /// A sign of life. Returns the member that may leave now, because this one takes its place.
    mutating func becameReady(_ id: Int) -> Int? {
        change(id) { $0.isReady = true }
        guard let exchange, exchange.new == id else { return nil }
        members[exchange.old]?.mayLeave = true
        return exchange.old
    }

    /// The member was given a task.
    mutating func gave(_ id: Int) {
        guard let member = members[id], !member.isReady, !member.hasTask else { return }
        change(id) { $0.hasTask = true }
    }

    /// Whether the member has nothing to do.
    mutating func setIdle(_ id: Int, _ isIdle: Bool) {
        guard members[id]?.isIdle != isIdle else { return }
        change(id) { $0.isIdle = isIdle }
    }

    /// Some members that wait, to be woken for so many tasks; they do not count as waiting any more.
    mutating func wake(_ wanted: Int) -> [Int] {
        guard idle > 0, wanted > 0 else { return [] }
        let woken = members.lazy.filter { $0.value.isIdle }.prefix(wanted).map(\.key)
        for id in woken { setIdle(id, false) }
        return Array(woken)
    }

    /// Whether a member that had nothing to do for long may end.
    mutating func mayShrink(_ id: Int) -> Bool {
        guard let member = members[id], !member.isLeaving, isClosed || serving > least else { return false }
        change(id) { ($0.isLeaving, $0.isIdle) = (true, false) }
        return true
    }

    /// What a member that is due to be replaced is told.
    enum Exchange: Sendable, Hashable {
        /// Take no more tasks and end.
        case leave
        /// Go on until the successor is there.
        case wait
        /// As above, and this successor is to be started.
        case start(Int)
    }

    /// A member is too old, too big, or has done enough. It goes on until another takes its place, one at a time.
    mutating func wantsToLeave(_ id: Int) -> Exchange {
        guard let member = members[id] else { return .leave }
        if member.isLeaving { return .leave }
        // Whoever was started to take another's place does that first.
        if exchange?.new == id, !isClosed { return .wait }
        let others = members.contains { $0.key != id && $0.value.isIdle && !$0.value.isLeaving }
        if member.mayLeave || isClosed || (others && serving > max(least, 1)) {
            change(id) { ($0.isLeaving, $0.isIdle) = (true, false) }
            return .leave
        }
        guard exchange == nil else { return .wait }
        let successor = add()
        exchange = (id, successor)
        return .start(successor)
    }
}
