import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The rounds of a ``TemplateKeeper``, on its thread. All decisions are ``TemplateMachine``'s; this does the I/O.
final class TemplateLoop {
    /// A template's memory is looked at no more often than this.
    private static let memoryInterval = Duration.milliseconds(200)
    /// After a successor could not be started, the next one waits so long (or for another change of the files).
    private static let retryInterval = Duration.seconds(10)
    /// Editors and deployments write many files: the last of them counts.
    private static let settling = Duration.milliseconds(150)

    let configuration: WorkerConfiguration
    let launcher: Launcher
    let services: LaneServices
    let hooks: TemplateKeeper.Hooks
    private let changed: @Sendable () -> Void
    private let temporary: ScratchDirectory?
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private let stack = SpawnStack()
    private var machine = TemplateMachine()
    private var members: [Int: TemplateMember] = [:]
    private var lifeline: Lifeline?
    private var watch: SourceWatch?
    private var changedFile: (name: String, settled: MonotonicTime)?
    private var nextMemoryLook: MonotonicTime?
    private var forksAtLook = 0
    private var retryAt: MonotonicTime?
    private var cautions: Set<String> = []
    /// It speaks otherwise: nothing is started any more.
    private var isOver = false

    init(
        _ configuration: WorkerConfiguration, _ launcher: Launcher, _ services: LaneServices,
        _ hooks: TemplateKeeper.Hooks, changed: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.launcher = launcher
        self.services = services
        self.hooks = hooks
        self.changed = changed
        temporary =
            launcher.setsOwnTemporaryDirectory ? nil : services.scratch?.directory(name: "\(launcher.id)-t")
        if configuration.fork.reload == .onChange { watch = SourceWatch(root: configuration.projectPath) }
        if let trouble = watch?.trouble { cautionMissedChanges(trouble) }
    }

    deinit {
        temporary?.remove()
        scratch.deallocate()
    }

    var isEmpty: Bool { members.isEmpty }

    func wanted() {
        guard !isOver else { return }
        act(machine.wanted())
    }

    func close() { act(machine.close()) }

    // MARK: One round

    func step(_ wake: WakeDescriptor) {
        decide(.now)
        let ids = Array(members.keys)
        var polls = [
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        for id in ids { polls += members[id]?.polls ?? [] }
        let timeout = nextDeadline.map { $0.pollMilliseconds(from: .now) } ?? -1
        if poll(&polls, nfds_t(polls.count), timeout) > 0 {
            if polls[0].revents != 0 { wake.clear() }
            if polls[1].revents != 0 { noteChanges() }
            for (index, id) in ids.enumerated() {
                guard let member = members[id] else { continue }
                let events = polls[(2 + 4 * index)..<(6 + 4 * index)].map(\.revents)
                if events[0] != 0 || events[1] != 0 { member.drain(scratch) }
                // What it said before it ended counts.
                if events[3] != 0, member.hear() { act(machine.becameReady(id)) }
                if events[2] != 0 { ended(member) }
            }
        }
    }

    /// What time, or somebody else, has made due.
    private func decide(_ now: MonotonicTime) {
        for member in Array(members.values) { look(at: member, now) }
        settleChanges(now)
        considerReplacing(now)
    }

    private var nextDeadline: MonotonicTime? {
        var all = members.values.compactMap(\.deadline)
        if let changedFile { all.append(changedFile.settled) }
        if let nextMemoryLook { all.append(nextMemoryLook) }
        return all.min()
    }

    private func look(at member: TemplateMember, _ now: MonotonicTime) {
        if let misbehaviour = member.template.misbehaviour, member.phase != .killed, !member.isUnwanted {
            member.failure = misbehaviour.description
            return member.kill()
        }
        switch member.phase {
        case .starting(let until):
            if member.otherSpeech != nil {
                member.kill()
            } else if now >= until {
                member.failure =
                    "it was not ready within \(configuration.fork.startupTimeout.inSeconds) s (fork.startup_timeout)"
                member.kill()
            }
        case .retiring where !member.template.isBusy:
            member.template.channel.close()
            member.phase = .ending(until: now.advanced(by: configuration.stopGrace))
        case .ending(let until) where now >= until: member.kill()
        case .ready, .retiring, .ending, .killed: break
        }
    }

    // MARK: Ends

    private func ended(_ member: TemplateMember) {
        let ending = member.collect(scratch)
        members[member.id] = nil
        if member.wasReady {
            let reason = member.failure ?? Self.text(ending)
            return act(machine.died(member.id, isProven: member.template.forks > 0), reason, member.errorTail.text)
        }
        if member.isUnwanted { return }
        if member.otherSpeech == nil, member.failure == nil, ending == .exited(0) {
            member.otherSpeech = "it ended with exit code 0 and did not say that it is ready"
        }
        if let speech = member.otherSpeech, machine.serving == nil {
            isOver = true
            _ = machine.close()
            return hooks.speaksOtherwise(speech)
        }
        let reason = member.failure ?? member.otherSpeech ?? "\(Self.text(ending)) before it was ready"
        act(machine.failedToStart(member.id), reason, member.errorTail.text)
    }

    private static func text(_ ending: ProcessExit.Ending) -> String {
        switch ending {
        case .exited(let code): "it ended with exit code \(code)"
        case .signaled(let signal): "it was ended by \(SignalName.of(signal))"
        case .unknown: "it ended"
        }
    }

    // MARK: Actions

    private func act(_ actions: [TemplateMachine.Action], _ reason: String = "", _ standardError: String? = nil) {
        for action in actions {
            switch action {
            case .start(let id): start(id)
            case .serve(let id): serve(id)
            case .unserve: hooks.serve(nil)
            case .retire(let id): retire(id)
            case .discard(let id):
                members[id]?.isUnwanted = true
                members[id]?.kill()
            case .tellStartFailed:
                startFailed(reason, standardError)
            case .tellRefused:
                retryAt = MonotonicTime.now.advanced(by: Self.retryInterval)
                tell(.refused(reason: reason + (LastWords.lastLine(of: standardError).map { ": \($0)" } ?? "")))
            case .tellDied: tell(.died(reason: reason))
            case .tellReplaced(let cause): tell(.replaced(reason: cause))
            }
        }
    }

    /// Each failure tells one task; the others are the reason for another try.
    private func startFailed(_ reason: String, _ standardError: String?) {
        guard hooks.waiting() > 0 else {
            let said = LastWords.lastLine(of: standardError).map { ": \($0)" } ?? ""
            return caution("start", "its template cannot be started: \(reason)\(said)")
        }
        hooks.startFailed(reason, standardError)
        if hooks.waiting() > 0 { act(machine.wanted()) }
    }

    private func start(_ id: Int) {
        let mark = "fork/\(launcher.id)-\(id)"
        // Before it is there, so that nobody takes it for a leftover.
        services.setFamily(mark) { _ in true }
        do {
            let lifeline = try self.lifeline ?? Lifeline()
            self.lifeline = lifeline
            let child = try launcher.startTemplate(mark: mark, temporary: temporary?.path, stack: stack)
            let channel = TemplateChannel(
                socket: child.takeInput(), timeout: configuration.fork.answerTimeout)
            let template = Template(
                generation: id, pid: child.pid, channel: channel, mark: mark, services: services,
                isCounted: configuration.fork.maxTasks != nil || configuration.fork.maxMemoryMiB != nil,
                changed: changed)
            let member = TemplateMember(
                id: id, template: template, child: child, configuration: configuration, services: services)
            members[id] = member
            if !channel.greet(lifeline: lifeline.readEnd) {
                member.failure = "its socket cannot be used"
                member.kill()
            }
        } catch {
            services.setFamily(mark, nil)
            act(machine.failedToStart(id), "\(error)")
        }
    }

    private func serve(_ id: Int) {
        guard let member = members[id] else { return }
        retryAt = nil
        forksAtLook = 0
        if member.threadCount > 1 {
            caution(
                "threads",
                "its template has \(member.threadCount) threads when it is ready; what they hold locked stays locked in "
                    + "the children: start threads in the task, not at import")
        }
        if let most = configuration.fork.maxMemoryMiB, let used = ProcessTable.residentBytes(of: member.child.pid),
            used > most << 20
        {
            caution(
                "memory",
                "its template needs \(used >> 20) MiB when it is ready, more than fork.max_memory_mb (\(most)): the limit "
                    + "is not acted on; raise it")
        }
        hooks.serve(member.template)
    }

    private func retire(_ id: Int) {
        guard let member = members[id] else { return }
        if machine.serving == nil { hooks.serve(nil) }
        member.isUnwanted = true
        member.template.retire()
        if member.phase == .ready { member.phase = .retiring }
    }

    // MARK: Replacing

    private func considerReplacing(_ now: MonotonicTime) {
        guard let id = machine.serving, let member = members[id] else { return nextMemoryLook = nil }
        let forks = member.template.forks
        guard machine.mayReplace, retryAt.map({ now >= $0 }) ?? true else { return }
        if let most = configuration.fork.maxTasks, forks >= most {
            return act(machine.replace(because: "it has forked \(forks) times (fork.max_tasks)"))
        }
        guard let most = configuration.fork.maxMemoryMiB, !cautions.contains("memory") else { return }
        if let next = nextMemoryLook, now < next { return }
        nextMemoryLook = forks > forksAtLook ? now.advanced(by: Self.memoryInterval) : nil
        guard forks > forksAtLook else { return }
        forksAtLook = forks
        if let used = ProcessTable.residentBytes(of: member.child.pid), used > most << 20 {
            act(machine.replace(because: "it has grown to \(used >> 20) MiB (fork.max_memory_mb)"))
        }
    }

    private func noteChanges() {
        if let file = watch?.drain() {
            changedFile = (file, MonotonicTime.now.advanced(by: Self.settling))
        }
        if let trouble = watch?.trouble { cautionMissedChanges(trouble) }
    }

    private func settleChanges(_ now: MonotonicTime) {
        guard let changedFile, now >= changedFile.settled else { return }
        self.changedFile = nil
        if !isOver { act(machine.sourceChanged(changedFile.name)) }
    }

    private func cautionMissedChanges(_ trouble: String) {
        caution(
            "watch",
            "not all changes below \(configuration.projectPath) are seen, because \(trouble); a reload of the "
                + "configuration or a restart takes them")
    }

    private func caution(_ kind: String, _ text: String) {
        guard cautions.insert(kind).inserted else { return }
        tell(.caution(text))
    }

    private func tell(_ change: TemplateChange) {
        services.emit([.hostStateChanged(.templateChanged(worker: configuration.name, change))])
    }
}
