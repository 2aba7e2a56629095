import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A template as the lanes see it: it forks children for them and collects these.
final class Template: ForkParent {
    private struct State {
        /// Children that were asked for and not collected yet: when, in ticks since boot.
        var running: [UInt64: Int] = [:]
        /// When each child was asked for.
        var startedAt: [Int32: UInt64] = [:]
        var forks = 0
        var readyAt: UInt64?
        var isDead = false
        var isRetiring = false
        var loss: TemplateLoss?
        var isForgotten = false
    }

    /// What came of a request for a child.
    enum Answer {
        case forked(pid: Int32)
        /// The template cannot make a process now.
        case refused(String)
        case lost(TemplateLoss)
    }

    /// Tells it from those before it.
    let generation: Int
    let pid: Int32
    let channel: TemplateChannel
    private let mark: String
    private let services: LaneServices
    private let state = Guarded(State())
    /// Wakes who looks after it: its last child is gone, or it is lost.
    private let changed: @Sendable () -> Void
    /// Whether each fork is worth a look.
    private let isCounted: Bool

    init(
        generation: Int, pid: Int32, channel: TemplateChannel, mark: String, services: LaneServices,
        isCounted: Bool, changed: @escaping @Sendable () -> Void
    ) {
        self.generation = generation
        self.pid = pid
        self.channel = channel
        self.mark = mark
        self.services = services
        self.isCounted = isCounted
        self.changed = changed
        services.setFamily(mark) { [weak self] in self?.mayHold($0) ?? false }
    }

    var isAlive: Bool { state.withLock { !$0.isDead } }
    /// How many children it has forked.
    var forks: Int { state.withLock { $0.forks } }
    /// What it did that it should not; it is to be killed.
    var misbehaviour: TemplateLoss? { state.withLock { $0.loss } }
    /// Whether children run that it has to collect.
    var isBusy: Bool { state.withLock { !$0.running.isEmpty } }

    func becameReady() { state.withLock { $0.readyAt = wh_boot_ticks() } }

    /// It is asked for no more children.
    func retire() { state.withLock { $0.isRetiring = true } }

    /// It has ended.
    func died() {
        state.withLock { $0.isDead = true }
        forgetIfOver()
    }

    // MARK: Children

    /// Notes that a child is about to be asked for. Each call is followed by ``fork(_:descriptors:)``.
    func reserve() -> UInt64 {
        let now = wh_boot_ticks()
        state.withLock { $0.running[now, default: 0] += 1 }
        return now
    }

    /// Has a child forked that was reserved.
    func fork(_ reserved: UInt64, _ variables: [String], descriptors: (Int32, Int32, Int32)) -> Answer {
        let answer: Answer
        do throws(TemplateLoss) {
            switch try channel.ask(TemplateRequest.fork(variables: variables), descriptors: descriptors) {
            case .forked(let pid) where isChild(pid):
                state.withLock { state in
                    state.forks += 1
                    state.startedAt[pid] = reserved
                }
                if isCounted { changed() }
                return .forked(pid: pid)
            case .forked(let pid): answer = .lost(misbehaved("it said that it forked process \(pid), which is none"))
            case .refused(let reason): answer = .refused(reason)
            case let other: answer = .lost(misbehaved(Self.text(of: other)))
            }
        } catch {
            answer = .lost(noted(error))
        }
        release(reserved)
        return answer
    }

    /// A process in the template's session that leads a group of its own: what is signalled can be nobody else's.
    private func isChild(_ pid: Int32) -> Bool { pid > 1 && getpgid(pid) == pid && getsid(pid) == self.pid }

    func reap(_ pid: Int32) -> ProcessExit? {
        defer { abandon(pid) }
        do throws(TemplateLoss) {
            switch try channel.ask(TemplateRequest.reap(pid)) {
            case .exited(pid, let exit): return exit
            // Something in the worker's own code has collected it.
            case .refused: return nil
            case let other:
                _ = misbehaved(Self.text(of: other))
                return nil
            }
        } catch {
            _ = noted(error)
            return nil
        }
    }

    /// What was reserved is not asked for after all.
    func cancel(_ reserved: UInt64) { release(reserved) }

    func abandon(_ pid: Int32) {
        guard let reserved = state.withLock({ $0.startedAt.removeValue(forKey: pid) }) else { return }
        release(reserved)
    }

    private func release(_ reserved: UInt64) {
        let (isLast, isRetiring) = state.withLock { state in
            let count = (state.running[reserved] ?? 1) - 1
            state.running[reserved] = count > 0 ? count : nil
            return (state.running.isEmpty, state.isRetiring)
        }
        guard isLast else { return }
        forgetIfOver()
        if isRetiring { changed() }
    }

    private func misbehaved(_ reason: String) -> TemplateLoss {
        let loss = TemplateLoss(description: reason)
        channel.lose(loss)
        return noted(loss)
    }

    private func noted(_ loss: TemplateLoss) -> TemplateLoss {
        guard loss.isMisbehaviour else { return loss }
        state.withLock { $0.loss = $0.loss ?? loss }
        changed()
        return loss
    }

    private static func text(of message: TemplateMessage) -> String {
        if case .garbage(let text) = message { return "it answered what is no message: \(text)" }
        return "it answered something else than it was asked"
    }

    // MARK: Leftovers

    private func forgetIfOver() {
        let isOver = state.withLock { state in
            guard state.isDead, state.running.isEmpty, !state.isForgotten else { return false }
            state.isForgotten = true
            return true
        }
        if isOver { services.setFamily(mark, nil) }
    }

    /// Whether a process that shows this template's environment may still be there.
    ///
    /// The environment does not tell whose it is. Everything that a child forks begins after that child, so what began
    /// before all children that run now is of none of them; then it must be of the template itself.
    func mayHold(_ pid: Int32) -> Bool {
        guard pid != self.pid, let start = ProcessTable.startTicks(of: pid) else { return true }
        let (oldest, readyAt, isDead) = state.withLock { ($0.running.keys.min(), $0.readyAt, $0.isDead) }
        if let oldest, start + 1 >= oldest { return true }
        guard !isDead else { return false }
        return start < (readyAt ?? .max) || getpgid(pid) == self.pid
    }
}
