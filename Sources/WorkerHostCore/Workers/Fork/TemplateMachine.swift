/// The rules by which templates come and go: one serves, at most one is being started to take its place, those before
/// stay until their children have ended. No clock, no I/O: it is told what happened and says what to do.
struct TemplateMachine: Sendable {
    /// What the driver is to do.
    enum Action: Sendable, Hashable {
        case start(Int)
        /// Tasks go to this one from now on.
        case serve(Int)
        /// Nobody serves: tasks wait.
        case unserve
        /// It takes no more tasks and ends when its children have.
        case retire(Int)
        /// It is not needed any more, whatever it does.
        case discard(Int)
        /// A task that waits is told that nothing can be started.
        case tellStartFailed
        /// The successor did not become ready; the one before stays.
        case tellRefused
        /// The template that served has died.
        case tellDied
        /// Another took the place of the one before.
        case tellReplaced(String)
    }

    private(set) var serving: Int?
    private(set) var starting: Int?
    /// Why the one that is being started is.
    private var reason: String?
    private var nextID = 0
    /// How many in a row have died before they forked anything.
    private var vainDeaths = 0
    private var isClosed = false

    /// Whether a template that is due to be replaced may be.
    var mayReplace: Bool { serving != nil && starting == nil && !isClosed }

    /// There is something to do, or there may be soon.
    mutating func wanted() -> [Action] {
        guard serving == nil, starting == nil, !isClosed else { return [] }
        return [begin()]
    }

    private mutating func begin(_ reason: String? = nil) -> Action {
        nextID += 1
        starting = nextID
        self.reason = reason
        return .start(nextID)
    }

    mutating func becameReady(_ id: Int) -> [Action] {
        guard starting == id else { return [] }
        starting = nil
        let before = serving
        serving = id
        var actions: [Action] = [.serve(id)]
        if let before { actions.append(.retire(before)) }
        if let reason, before != nil { actions.append(.tellReplaced(reason)) }
        return actions
    }

    /// It could not be started, or ended before it was ready.
    mutating func failedToStart(_ id: Int) -> [Action] {
        guard starting == id else { return [] }
        starting = nil
        return isClosed ? [] : serving == nil ? [.tellStartFailed] : [.tellRefused]
    }

    /// It has ended after it was ready.
    /// - Parameter isProven: whether it has forked anything. The second in a row that has not counts as one that could not
    ///   be started, so that nothing is started again and again in vain.
    mutating func died(_ id: Int, isProven: Bool) -> [Action] {
        guard serving == id else { return [] }
        serving = nil
        guard !isClosed else { return [.unserve] }
        vainDeaths = isProven ? 0 : vainDeaths + 1
        guard vainDeaths < 2 else { return [.unserve, .tellStartFailed] }
        return [.unserve, .tellDied] + (starting == nil ? [begin()] : [])
    }

    /// The one that serves is too big, or has done enough.
    mutating func replace(because reason: String) -> [Action] { mayReplace ? [begin(reason)] : [] }

    /// The worker's files have changed: what is being started may have read the old ones.
    mutating func sourceChanged(_ file: String) -> [Action] {
        guard !isClosed else { return [] }
        let stale = starting.map { [Action.discard($0)] } ?? []
        return stale + [begin("\(file) has changed")]
    }

    /// Nothing is started any more.
    mutating func close() -> [Action] {
        isClosed = true
        defer { (serving, starting) = (nil, nil) }
        return [serving.map { Action.retire($0) }, starting.map { .discard($0) }].compactMap { $0 }
    }
}
