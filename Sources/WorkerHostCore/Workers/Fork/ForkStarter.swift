import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Has the template that serves fork the process of an attempt.
final class ForkStarter: ProcessStarter {
    private struct State {
        var template: Template?
        /// Takes all attempts once it turned out that the worker does not speak the protocol.
        var oneshot: Launcher?
        /// Holds the queue, or lets it go.
        var gate: @Sendable (_ isOpen: Bool) -> Void = { _ in }
        var wantTemplate: @Sendable () -> Void = {}

        /// The lock is held: a late loss must not shut the gate behind a new template.
        mutating func serve(_ template: Template?) {
            self.template = template
            gate(template != nil || oneshot != nil)
        }
    }

    private let worker: String
    private let launcher: Launcher
    private let state = Guarded(State())

    init(worker: String, launcher: Launcher) {
        self.worker = worker
        self.launcher = launcher
    }

    var id: Int { launcher.id }
    var setsOwnTemporaryDirectory: Bool { launcher.setsOwnTemporaryDirectory }

    /// - Parameters:
    ///   - gate: lets attempts begin, or makes them wait; must return at once.
    ///   - wantTemplate: an attempt waits for a template.
    func connect(gate: @escaping @Sendable (_ isOpen: Bool) -> Void, wantTemplate: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.gate = gate
            state.wantTemplate = wantTemplate
            state.serve(state.template)
        }
    }

    /// Lets go of what it was connected to, which holds this.
    func disconnect() {
        state.withLock { state in
            state.gate = { _ in }
            state.wantTemplate = {}
        }
    }

    /// Who serves.
    var template: Template? { state.withLock { $0.template } }

    /// Whether a template has to be started before anything can begin.
    var needsTemplate: Bool { state.withLock { $0.template == nil && $0.oneshot == nil } }

    func serve(_ template: Template?) { state.withLock { $0.serve(template) } }

    func fallBack(to oneshot: Launcher) {
        state.withLock { state in
            state.oneshot = oneshot
            state.serve(nil)
        }
    }

    func putBack() {
        if needsTemplate { state.withLock { $0.wantTemplate }() }
    }

    func start(
        for leased: LeasedTask, input: [UInt8], temporary: String?, stack: SpawnStack
    ) throws(StartError) -> (ChildProcess, written: Int) {
        let (template, reserved, oneshot) = state.withLock { state in
            // Under the lock, so that a template which retires meanwhile waits for this child.
            (state.template, state.template?.reserve() ?? 0, state.oneshot)
        }
        if let oneshot { return try oneshot.start(for: leased, input: input, temporary: temporary, stack: stack) }
        guard let template else { throw lost(nil, "there is no template") }
        var pipes = wh_pipes()
        let error = wh_open_pipes(&pipes)
        guard error == 0 else {
            template.cancel(reserved)
            throw StartError(
                code: error,
                description: "cannot start worker '\(worker)': no pipes can be made: \(SystemError.reason(error)). "
                    + StartError.scarcity(error))
        }
        let variables = launcher.variables(for: leased, temporary: temporary)
        let answer = template.fork(reserved, variables, descriptors: pipes.child)
        for end in [pipes.child.0, pipes.child.1, pipes.child.2] { close(end) }
        var failure: StartError
        switch answer {
        case .forked(let pid):
            let descriptor = wh_pidfd_open(pid)
            if descriptor >= 0 {
                let child = ChildProcess(
                    pid: pid, pidDescriptor: descriptor, hostEnds: pipes.host, parent: template)
                // Not before: a child of which the host knows nothing must find no task.
                let written = input.withUnsafeBytes { write(pipes.host.0, $0.baseAddress, $0.count) }
                return (child, max(0, written))
            }
            let code = errno
            template.abandon(pid)
            failure =
                code == ESRCH
                ? lost(template, "process \(pid) is gone")
                : StartError(
                    code: code,
                    description: "cannot start worker '\(worker)': process \(pid) cannot be watched: "
                        + "\(SystemError.reason(code)). \(StartError.scarcity(code))")
        case .refused(let reason):
            failure = StartError(
                code: EAGAIN,
                description: "cannot start worker '\(worker)': its template cannot fork: \(reason). "
                    + StartError.scarcity(EAGAIN))
        case .lost(let loss): failure = lost(template, loss.description)
        }
        for end in [pipes.host.0, pipes.host.1, pipes.host.2] { close(end) }
        throw failure
    }

    /// The attempt was not begun: the next template takes it.
    private func lost(_ template: Template?, _ reason: String) -> StartError {
        state.withLock { state in
            if state.template === template { state.serve(nil) }
        }
        return StartError(
            code: ESRCH, description: "the template of worker '\(worker)' is gone: \(reason)", mayMove: true)
    }
}
