import WorkerHostCore

/// Decides which claims are made, and keeps what they bring until the host takes it. No clock and no I/O inside.
///
/// One claim asks for one type. Types take turns: each that is due is asked for once before any is asked twice, the one
/// whose turn was longest ago first; those that had hits get what is left. A type without tasks is asked for once per
/// poll interval. Never are more claims under way than the host has room for.
struct ClaimBook: Sendable {
    let settings: ClaimSettings
    private(set) var circuit: Circuit
    private var workers: WorkerID
    var types: [String: TypeState] = [:]
    private var underWay: [Int: ClaimOrder] = [:]
    /// Claimed, and not given to the host yet; in the order of arrival.
    var ready: [HeldTask] = []
    /// Given to the host, and not settled.
    var held: [String: HeldTask] = [:]
    private var pausedUntil = MonotonicTime(nanoseconds: 0)
    private var isPauseTold = false
    /// By the texts that they were made under.
    var lost: [String: LostClaim] = [:]
    private var counter = 0
    private var wall = Timestamp(microseconds: 0)
    private(set) var lastAnswer: MonotonicTime?

    /// When a type's number is looked up again although it is known: the server's database may be another one.
    static let numbersKept = Duration.seconds(300)
    static let longestLookUpWait = Duration.seconds(60)

    init(_ settings: ClaimSettings, host: String) {
        self.settings = settings
        circuit = Circuit(firstWait: settings.retryBackoff)
        workers = WorkerID(host: host)
    }

    /// How many claimed tasks nobody has taken, and how many claims are under way.
    var untaken: Int { ready.count }
    var claimsUnderWay: Int { underWay.values.count { if case .claim = $0.kind { true } else { false } } }

    // MARK: - Giving out

    /// Tasks of these types that are there.
    mutating func take(_ names: [String], limit: Int, _ now: MonotonicTime) -> [LeasedTask] {
        guard !ready.isEmpty else { return [] }
        var taken: [LeasedTask] = []
        var rest: [HeldTask] = []
        for task in ready {
            // A claim that has ended belongs to whoever claims it next.
            if task.claim.goodUntil <= now { continue }
            if taken.count < limit, task.notBefore <= now, names.contains(task.type) {
                held[task.id] = task
                taken.append(task.claim.leased)
            } else {
                rest.append(task)
            }
        }
        ready = rest
        return taken
    }

    // MARK: - Asking

    /// The calls to make now for somebody who has room for `limit` tasks of these types.
    /// - Parameters:
    ///   - most: how many calls may be under way at once.
    ///   - wall: the same moment on the wall clock.
    /// - Returns: the calls, and when to ask again unless something comes before.
    mutating func orders(
        _ names: [String], limit: Int, most: Int, _ now: MonotonicTime, wall: Timestamp
    ) -> (orders: [ClaimOrder], askAgain: MonotonicTime?) {
        for name in names where types[name] == nil { types[name] = TypeState() }
        self.wall = wall
        let allowance = circuit.allowance(now)
        if allowance == 0 { return ([], circuit.isProbing ? nil : circuit.retryAt) }
        if pausedUntil > now { return ([], pausedUntil) }
        var orders = lookUps(names, now)
        if let allowance, orders.count > allowance {
            for order in orders[allowance...] { forget(order) }
            orders.removeLast(orders.count - allowance)
        }
        if allowance == nil { orders += searches(names, now) }
        if allowance == nil || orders.isEmpty { orders += claims(names, allowance ?? limit, limit, most, now) }
        if !orders.isEmpty { circuit.probed() }
        return (orders, nextLook(names, now))
    }

    private mutating func lookUps(_ names: [String], _ now: MonotonicTime) -> [ClaimOrder] {
        var orders: [ClaimOrder] = []
        for name in names {
            guard var state = types[name], !state.isLookedUp, state.lookUpAt <= now else { continue }
            state.isLookedUp = true
            let registration = state.isRegistrationRefused ? nil : settings.registrations[name]
            types[name] = state
            orders.append(
                order(
                    name, registration == nil ? .lookUp : .register,
                    registration.map { .post(APIPath.register, RequestBodies.registration($0)) }
                        ?? .get(APIPath.type(name)), now))
        }
        return orders
    }

    private mutating func claims(
        _ names: [String], _ allowance: Int, _ limit: Int, _ most: Int, _ now: MonotonicTime
    ) -> [ClaimOrder] {
        let busy = names.reduce(0) { $0 + (types[$1]?.inFlight ?? 0) }
        let waiting = ready.count { names.contains($0.type) }
        var free = min(allowance, limit - busy - waiting, most - claimsUnderWay)
        var due = names.filter { name in
            guard let state = types[name] else { return false }
            return state.id != nil && state.dueAt <= now && state.inFlight < state.window
        }
        due.sort { (types[$0]?.lastAsked ?? 0) < (types[$1]?.lastAsked ?? 0) }
        var orders: [ClaimOrder] = []
        while free > 0, !due.isEmpty {
            for name in due where free > 0 {
                guard var state = types[name], let id = state.id else { continue }
                counter += 1
                state.lastAsked = counter
                state.inFlight += 1
                types[name] = state
                free -= 1
                let worker = workers.next()
                orders.append(
                    order(
                        name, .claim(worker: worker),
                        .post(APIPath.claim, RequestBodies.claim(worker: worker, type: id)), now))
            }
            due.removeAll { name in types[name].map { $0.inFlight >= $0.window } ?? true }
        }
        return orders
    }

    private mutating func order(
        _ type: String, _ kind: ClaimOrder.Kind, _ request: HTTPRequest, _ now: MonotonicTime
    ) -> ClaimOrder {
        order(type, kind, request, sentAt: now, wall: nil)
    }

    /// - Parameters:
    ///   - sentAt: when the claim was sent that the call is for.
    ///   - wall: the same on the wall clock; nil for now.
    mutating func order(
        _ type: String, _ kind: ClaimOrder.Kind, _ request: HTTPRequest, sentAt: MonotonicTime, wall: Timestamp?
    ) -> ClaimOrder {
        counter += 1
        let order = ClaimOrder(
            tag: counter, type: type, kind: kind, request: request, sentAt: sentAt, sentAtWall: wall ?? self.wall)
        underWay[order.tag] = order
        return order
    }

    /// The order of that number, if its answer is still awaited.
    func order(_ tag: Int) -> ClaimOrder? { underWay[tag] }

    /// An order that is not sent after all.
    mutating func forget(_ order: ClaimOrder) {
        underWay[order.tag] = nil
        switch order.kind {
        case .claim: types[order.type]?.inFlight -= 1
        case .lookUp, .register: types[order.type]?.isLookedUp = false
        case .search, .adopt: break
        }
        circuit.probeUnused()
    }

    private func nextLook(_ names: [String], _ now: MonotonicTime) -> MonotonicTime? {
        var next: MonotonicTime?
        func note(_ moment: MonotonicTime) { if moment > now { next = min(next ?? moment, moment) } }
        for name in names {
            guard let state = types[name] else { continue }
            if state.id != nil { note(state.dueAt) }
            if !state.isLookedUp { note(state.lookUpAt) }
        }
        if let search = nextSearch(names) { note(search) }
        for task in ready where names.contains(task.type) { note(task.notBefore) }
        return next
    }

    // MARK: - Answers

    /// Takes an answer in.
    /// - Parameters:
    ///   - random: in 0..<1, the jitter.
    /// - Returns: what the log should say.
    mutating func answered(
        _ tag: Int, _ answer: ClaimAnswer, _ now: MonotonicTime, most: Int, random: Double
    ) -> ClaimNotice? {
        guard let order = underWay.removeValue(forKey: tag), var state = types[order.type] else { return nil }
        switch order.kind {
        case .claim: state.inFlight -= 1
        case .lookUp, .register: state.isLookedUp = false
        case .search, .adopt: break
        }
        types[order.type] = state
        if answer.isAnswered {
            lastAnswer = now
            if circuit.succeeded() {
                // It may be another database by now.
                for name in types.keys { types[name]?.lookUpAt = now }
            }
        }
        switch answer {
        case .failed(let reason, let wait, let isLost):
            if isLost { noteLost(order, now) }
            return failed(order, reason, wait, now, random)
        case .claims(let tasks): found(tasks, now)
        case .limited(let words, let wait):
            pausedUntil = now.advanced(by: max(.seconds(1), wait ?? .zero) * (1 + random / 10))
            circuit.probeUnused()
            defer { isPauseTold = true }
            guard !isPauseTold else { return nil }
            return ClaimNotice(
                kind: .limited,
                message: "the TaskManager limits calls (\(words)): claims wait as long as it asks; raise "
                    + "task_manager.poll_interval, or its limit", type: order.type, taskID: nil)
        case .contention:
            types[order.type]?.dueAt = now.advanced(by: .milliseconds(20) + .milliseconds(130) * random)
            switch order.kind {
            case .lookUp, .register: break
            case .claim, .search, .adopt: return nil
            }
            types[order.type]?.lookUpAt = now.advanced(by: .milliseconds(20) + .milliseconds(130) * random)
            return nil
        case .none:
            if case .adopt(let worker) = order.kind {
                lost[worker] = nil
            } else {
                types[order.type]?.empty(now, interval: settings.pollInterval, random: random)
            }
        case .task(let task): return claimed(task, order, now, most, random)
        case .typeKnown(let id): known(order.type, id, now, random)
        case .typeUnknown: return unknown(order.type, now, random)
        case .refused(let words): return refused(order, words, now, random)
        }
        return nil
    }

    private mutating func failed(
        _ order: ClaimOrder, _ reason: String, _ wait: Duration?, _ now: MonotonicTime, _ random: Double
    ) -> ClaimNotice? {
        circuit.failed(reason, now, wait: wait, random: random)
        types[order.type]?.window = 1
        return nil
    }

    private mutating func claimed(
        _ task: ClaimedTask, _ order: ClaimOrder, _ now: MonotonicTime, _ most: Int, _ random: Double
    ) -> ClaimNotice? {
        let worker: String
        switch order.kind {
        case .claim(let text): worker = text
        case .adopt(let text):
            guard lost.removeValue(forKey: text) != nil else { return nil }
            worker = text
        case .lookUp, .register, .search: return nil
        }
        isPauseTold = false
        let claim = HeldTask.Claim(
            leased: LeasedTask(task: Self.workerTask(task), lease: lease(worker, order)), worker: worker,
            goodUntil: order.sentAt.advanced(by: settings.claimTimeout))
        let waiting = ready.firstIndex { $0.id == task.id }
        guard held[task.id] != nil || waiting != nil else {
            ready.append(HeldTask(claim: claim, type: order.type))
            types[order.type]?.hit(now, most: most)
            return nil
        }
        // The claim before has ended there. The task is not run a second time beside itself.
        if let waiting { ready[waiting].claim = claim } else { held[task.id]?.newer = claim }
        if held[task.id]?.isBeingReported == true {
            types[order.type]?.hit(now, most: most)
            return nil
        }
        // Else the same task would be claimed as fast as the server answers.
        types[order.type]?.empty(now, interval: settings.pollInterval, random: random)
        guard types[order.type]?.told.insert(.claimedAgain).inserted == true else { return nil }
        return ClaimNotice(
            kind: .claimedAgain,
            message: "the TaskManager handed out a task again that this host still holds; it is not run twice. Is "
                + "task_manager.claim_timeout the server's TASK_CLAIM_TIMEOUT, and do PHP and its database have the same "
                + "time zone?", type: order.type, taskID: task.id)
    }

    private static func workerTask(_ task: ClaimedTask) -> WorkerTask {
        WorkerTask(
            id: task.id, type: task.type, params: task.params,
            metadata: TaskMetadata(priority: task.priority, attempt: task.attempts))
    }

    private func lease(_ worker: String, _ order: ClaimOrder) -> Lease {
        Lease(token: worker, expiresAt: order.sentAtWall.advanced(by: settings.claimTimeout))
    }
}
