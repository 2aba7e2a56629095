import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A running worker process with the host's ends of its pipes.
///
/// Used by the one thread that started it, which must live as long as the process: the kernel ends the process when
/// that thread ends (but not one that was forked by a template).
final class ChildProcess {
    let pid: Int32
    private let pidDescriptor: Int32
    /// The process whose child it is, if it is not the host's own.
    private let parent: (any ForkParent)?
    private(set) var standardInput: Int32
    private(set) var standardOutput: Int32
    private(set) var standardError: Int32
    private(set) var exit: ProcessExit?

    /// - Parameter parent: who has forked it and collects it; nil for the host's own child.
    init(pid: Int32, pidDescriptor: Int32, hostEnds: (Int32, Int32, Int32), parent: (any ForkParent)? = nil) {
        self.pid = pid
        self.pidDescriptor = pidDescriptor
        self.parent = parent
        (standardInput, standardOutput, standardError) = hostEnds
    }

    deinit {
        closeAll()
        close(pidDescriptor)
        if exit == nil { parent?.abandon(pid) }
    }

    /// Starts a process; `input` is written to its standard input before it runs, as far as the pipe takes it.
    /// - Returns: the process and how many bytes of `input` the pipe took.
    static func start(
        _ plan: LaunchPlan, worker: String, extraEnvironment: [String], input: [UInt8], stack: SpawnStack
    ) throws(StartError) -> (ChildProcess, written: Int) {
        var pipes = wh_pipes()
        let pipeError = wh_open_pipes(&pipes)
        guard pipeError == 0 else {
            throw StartError(worker: worker, plan: plan, code: pipeError, stage: 0)
        }
        // A small task is in the pipe before the child exists: the child never waits for it, nor the host for the child.
        let written = input.withUnsafeBytes { write(pipes.host.0, $0.baseAddress, $0.count) }
        let result = plan.spawn(descriptors: pipes.child, extra: extraEnvironment, stack: stack.memory)
        close(pipes.child.0)
        close(pipes.child.1)
        close(pipes.child.2)
        guard result.error == 0 else {
            close(pipes.host.0)
            close(pipes.host.1)
            close(pipes.host.2)
            throw StartError(worker: worker, plan: plan, code: result.error, stage: result.stage)
        }
        return (ChildProcess(pid: result.pid, pidDescriptor: result.pidfd, hostEnds: pipes.host), max(0, written))
    }

    /// Starts a process with the caller's own descriptors 0, 1 and 2, in its session and process group.
    static func startOnTerminal(
        _ plan: LaunchPlan, worker: String, extraEnvironment: [String], stack: SpawnStack
    ) throws(StartError) -> ChildProcess {
        let result = plan.spawn(
            descriptors: (0, 1, 2), extra: extraEnvironment, stack: stack.memory, keepsSession: true)
        guard result.error == 0 else {
            throw StartError(worker: worker, plan: plan, code: result.error, stage: result.stage)
        }
        return ChildProcess(pid: result.pid, pidDescriptor: result.pidfd, hostEnds: (-1, -1, -1))
    }

    /// Starts a process whose standard input is the other end of a socket; the host's end becomes `standardInput`.
    static func startTemplate(
        _ plan: LaunchPlan, worker: String, extraEnvironment: [String], stack: SpawnStack
    ) throws(StartError) -> ChildProcess {
        var pipes = wh_pipes()
        var sockets: [Int32] = [-1, -1]
        var error = wh_message_sockets(&sockets)
        if error == 0 {
            error = wh_open_pipes(&pipes)
            if error != 0 { for socket in sockets { close(socket) } }
        }
        guard error == 0 else { throw StartError(worker: worker, plan: plan, code: error, stage: 0) }
        close(pipes.child.0)
        close(pipes.host.0)
        let result = plan.spawn(
            descriptors: (sockets[1], pipes.child.1, pipes.child.2), extra: extraEnvironment, stack: stack.memory)
        close(sockets[1])
        close(pipes.child.1)
        close(pipes.child.2)
        guard result.error == 0 else {
            close(sockets[0])
            close(pipes.host.1)
            close(pipes.host.2)
            throw StartError(worker: worker, plan: plan, code: result.error, stage: result.stage)
        }
        return ChildProcess(
            pid: result.pid, pidDescriptor: result.pidfd, hostEnds: (sockets[0], pipes.host.1, pipes.host.2))
    }

    /// What `poll` is asked to watch for the end of the process.
    var exitDescriptor: Int32 { exit == nil ? pidDescriptor : -1 }

    /// The host's end of standard input, which the caller closes from now on.
    func takeInput() -> Int32 {
        defer { standardInput = -1 }
        return standardInput
    }

    func closeInput() { Self.closeOnce(&standardInput) }

    func closeOutput() { Self.closeOnce(&standardOutput) }

    func closeError() { Self.closeOnce(&standardError) }

    func closeAll() {
        closeInput()
        closeOutput()
        closeError()
    }

    /// Signals the whole process group. Never after the reap: the pid may belong to somebody else then.
    func signalGroup(_ signal: Int32) {
        guard exit == nil else { return }
        // The only errors are "no such group" (all gone: nothing to do) and "not permitted" (a set-uid program).
        guard let parent else { return _ = wh_signal_group(pid, signal) }
        // Somebody else may have collected it when its template died: only the descriptor is sure to mean it.
        if wh_pidfd_signal_group(pidDescriptor, signal) == EINVAL, parent.isAlive { _ = wh_signal_group(pid, signal) }
    }

    /// Signals the process alone: one that shares its caller's process group has none of its own.
    func signal(_ signal: Int32) {
        guard exit == nil else { return }
        // As above.
        _ = kill(pid, signal)
    }

    /// Collects the exit status if the process has ended.
    func reap() -> ProcessExit? {
        if let exit { return exit }
        if let parent {
            guard wh_pidfd_has_ended(pidDescriptor) != 0 else { return nil }
            exit = parent.reap(pid) ?? ProcessExit(ending: .unknown, usage: nil)
            return exit
        }
        var raw = wh_exit()
        guard wh_reap(pidDescriptor, &raw) == 1 else { return nil }
        exit = ProcessExit(raw)
        return exit
    }

    private static func closeOnce(_ descriptor: inout Int32) {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }
}

/// How a process ended and what it used.
struct ProcessExit: Sendable, Hashable {
    enum Ending: Sendable, Hashable {
        case exited(Int32)
        case signaled(Int32)
        /// Its template died before it could tell.
        case unknown
    }

    let ending: Ending
    let usage: ResourceUsage?

    init(ending: Ending, usage: ResourceUsage?) {
        self.ending = ending
        self.usage = usage
    }

    init(_ raw: wh_exit) {
        ending = raw.code == Int32(CLD_EXITED) ? .exited(raw.status) : .signaled(raw.status)
        usage = ResourceUsage(
            userTime: .microseconds(raw.user_microseconds), systemTime: .microseconds(raw.system_microseconds),
            peakMemory: raw.peak_kilobytes > wh_own_peak_kilobytes() ? raw.peak_kilobytes * 1024 : nil)
    }
}

/// What has forked processes for the host and collects them.
protocol ForkParent: AnyObject, Sendable {
    /// Whether it lives, so that no pid of a child that was not collected can belong to anybody else.
    var isAlive: Bool { get }
    /// Collects a child that has ended; nil if its status is lost. Blocks for a moment.
    func reap(_ pid: Int32) -> ProcessExit?
    /// The host has given the child up.
    func abandon(_ pid: Int32)
}

/// The memory on which a child runs between clone and exec; one for each thread that starts children.
final class SpawnStack {
    let memory: UnsafeMutableRawBufferPointer

    init() {
        memory = .allocate(byteCount: 64 << 10, alignment: 64)
    }

    deinit { memory.deallocate() }
}
