#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs a worker that shares the caller's terminal, for an interactive debugger: its standard input, output and error
/// are the caller's, and so are its session and process group. There is no deadline, no limit on output, and no
/// judgement: what the worker replies goes to the terminal.
///
/// The caller ignores SIGINT and SIGQUIT meanwhile, which the terminal sends to both. For one run.
public final class TerminalRun: Sendable {
    /// How it went.
    public struct End: Sendable {
        /// How the process ended.
        public let ending: ProcessEnding
        /// From its start to its end.
        public let wallTime: Duration
        /// What it used; nil if it was not started.
        public let usage: ResourceUsage?
    }

    private let configuration: WorkerConfiguration
    private let launcher: Launcher
    private let directory: AttemptDirectory
    private let wake: WakeDescriptor
    private let signals = Guarded<[Int32]>([])

    /// A run.
    /// - Parameters:
    ///   - environment: the variables from which the fixed allow-list is taken, and `TERM` and `COLORTERM`.
    ///   - directory: where the `TMPDIR` lies; the caller removes it.
    /// - Throws: ``SystemError`` when no descriptor is left.
    public init(
        _ configuration: WorkerConfiguration, environment: [String: String], directory: AttemptDirectory
    ) throws(SystemError) {
        var configuration = configuration
        for name in ["TERM", "COLORTERM"] {
            configuration.environment[name] = configuration.environment[name] ?? environment[name]
        }
        self.configuration = configuration
        self.directory = directory
        launcher = Launcher(configuration, hostEnvironment: environment, hostMark: "")
        wake = try WakeDescriptor()
    }

    /// Runs the process to its end, on a thread of its own.
    /// - Throws: ``SystemError`` when the kernel gives no thread.
    public func run(_ task: WorkerTask) async throws(SystemError) -> End {
        let answer = await withCheckedContinuation { continuation in
            do throws(SystemError) {
                _ = try DedicatedThread(name: "run \(configuration.name)") {
                    continuation.resume(returning: Result<End, SystemError>.success(self.attempt(task)))
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try answer.get()
    }

    /// Passes a signal on to the process.
    public func send(_ signal: Int32) {
        signals.withLock { $0.append(signal) }
        wake.wake()
    }

    private func attempt(_ task: WorkerTask) -> End {
        let start = MonotonicTime.now
        let terminal = TerminalState()
        let child: ChildProcess
        do throws(StartError) {
            child = try launcher.startOnTerminal(
                for: LeasedTask(task: task, lease: Lease(token: "exec")),
                temporary: launcher.setsOwnTemporaryDirectory ? nil : directory.temporary, stack: SpawnStack())
        } catch {
            return End(ending: .notStarted(reason: error.description), wallTime: start.duration(to: .now), usage: nil)
        }
        while true {
            if let exit = child.reap() {
                // A debugger that was killed leaves the terminal as it had set it.
                terminal.restore()
                return End(
                    ending: ProcessEnding(exit.ending), wallTime: start.duration(to: .now), usage: exit.usage)
            }
            var polls = [
                pollfd(fd: child.exitDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            poll(&polls, 2, -1)
            wake.clear()
            for signal in signals.withLock({ signals in
                defer { signals = [] }
                return signals
            }) { child.signal(signal) }
        }
    }
}

/// The settings of the terminal on standard input, and who has it.
private struct TerminalState {
    private var settings = termios()
    private let isKnown: Bool
    private let group: pid_t

    init() {
        isKnown = tcgetattr(STDIN_FILENO, &settings) == 0
        group = tcgetpgrp(STDIN_FILENO)
    }

    /// Without a terminal there is nothing to restore; errors mean that it has gone. The thread takes no SIGTTOU.
    func restore() {
        guard isKnown else { return }
        var settings = settings
        if group > 0 { _ = tcsetpgrp(STDIN_FILENO, group) }
        _ = tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
    }
}
