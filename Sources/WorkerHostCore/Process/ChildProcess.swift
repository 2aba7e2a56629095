import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A running worker process with the host's ends of its pipes.
///
/// Used by the one thread that started it, which must live as long as the process: the kernel ends the process when
/// that thread ends.
final class ChildProcess {
    let pid: Int32
    private let pidDescriptor: Int32
    private(set) var standardInput: Int32
    private(set) var standardOutput: Int32
    private(set) var standardError: Int32
    private(set) var exit: ProcessExit?

    private init(pid: Int32, pidDescriptor: Int32, hostEnds: (Int32, Int32, Int32)) {
        self.pid = pid
        self.pidDescriptor = pidDescriptor
        (standardInput, standardOutput, standardError) = hostEnds
    }

    deinit {
        closeAll()
        close(pidDescriptor)
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

    /// What `poll` is asked to watch for the end of the process.
    var exitDescriptor: Int32 { exit == nil ? pidDescriptor : -1 }

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
        _ = wh_signal_group(pid, signal)
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
    }

    let ending: Ending
    let usage: ResourceUsage

    init(_ raw: wh_exit) {
        ending = raw.code == Int32(CLD_EXITED) ? .exited(raw.status) : .signaled(raw.status)
        usage = ResourceUsage(
            userTime: .microseconds(raw.user_microseconds), systemTime: .microseconds(raw.system_microseconds),
            peakMemory: raw.peak_kilobytes > wh_own_peak_kilobytes() ? raw.peak_kilobytes * 1024 : nil)
    }
}

/// The memory on which a child runs between clone and exec; one for each thread that starts children.
final class SpawnStack {
    let memory: UnsafeMutableRawBufferPointer

    init() {
        memory = .allocate(byteCount: 64 << 10, alignment: 64)
    }

    deinit { memory.deallocate() }
}
