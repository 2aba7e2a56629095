import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Starts the process of an attempt.
protocol ProcessStarter: Sendable {
    /// Tells this worker's directories from those of others in this process.
    var id: Int { get }
    /// Whether the configuration sets `TMPDIR`, which then stays.
    var setsOwnTemporaryDirectory: Bool { get }
    /// Starts a process for the task; `input` goes to its standard input as far as the pipe takes it.
    func start(
        for leased: LeasedTask, input: [UInt8], temporary: String?, stack: SpawnStack
    ) throws(StartError) -> (ChildProcess, written: Int)
    /// An attempt whose start has failed with ``StartError/mayMove`` waits again.
    func putBack()
}

extension ProcessStarter {
    func putBack() {}
}

/// Starts a worker's processes by a plan that is made once.
final class Launcher: ProcessStarter {
    private let configuration: WorkerConfiguration
    private let environment: [String: String]
    private let defaultTemporary: String
    /// Whether the configuration sets `TMPDIR`, which then stays.
    let setsOwnTemporaryDirectory: Bool
    /// Tells this worker's directories from those of others in this process. Short: a program may put a socket into its
    /// temporary directory (Python's `multiprocessing` does), and the path of a socket has 107 bytes at most.
    let id = nextID.withLock { id in
        id += 1
        return id
    }
    private static let nextID = Guarded(0)
    private let plan: Guarded<LaunchPlan>

    init(
        _ configuration: WorkerConfiguration, mode: WorkerConfiguration.Mode = .oneshot,
        hostEnvironment: [String: String],
        hostMark: String
    ) {
        self.configuration = configuration
        var environment = WorkerEnvironment.build(
            configuration, mode: mode, host: hostEnvironment, hostMark: hostMark)
        setsOwnTemporaryDirectory = configuration.environment["TMPDIR"] != nil
        defaultTemporary = environment.removeValue(forKey: "TMPDIR") ?? "/tmp"
        self.environment = environment
        plan = Guarded(Self.makePlan(configuration, environment))
    }

    /// Starts a process for the task.
    func start(
        for leased: LeasedTask, input: [UInt8], temporary: String?, stack: SpawnStack
    ) throws(StartError) -> (ChildProcess, written: Int) {
        try start(variables(for: leased, temporary: temporary), input: input, stack: stack)
    }

    /// Starts a process that serves many tasks.
    /// - Parameter mark: tells what is left of it, should it escape.
    func start(mark: String, temporary: String?, stack: SpawnStack) throws(StartError) -> ChildProcess {
        let variables = ["\(HostMark.leaseVariable)=\(mark)", "TMPDIR=\(temporary ?? defaultTemporary)"]
        return try start(variables, input: [], stack: stack).0
    }

    /// Starts a template, which forks a process for each task.
    /// - Parameter mark: as above.
    func startTemplate(mark: String, temporary: String?, stack: SpawnStack) throws(StartError) -> ChildProcess {
        let variables = ["\(HostMark.leaseVariable)=\(mark)", "TMPDIR=\(temporary ?? defaultTemporary)"]
        return try retryingBusy { plan throws(StartError) in
            try ChildProcess.startTemplate(plan, worker: configuration.name, extraEnvironment: variables, stack: stack)
        }
    }

    private func start(
        _ extra: [String], input: [UInt8], stack: SpawnStack
    ) throws(StartError) -> (ChildProcess, written: Int) {
        try retryingBusy { plan throws(StartError) in
            try ChildProcess.start(
                plan, worker: configuration.name, extraEnvironment: extra, input: input, stack: stack)
        }
    }

    private func retryingBusy<Result>(
        _ start: (LaunchPlan) throws(StartError) -> Result
    ) throws(StartError) -> Result {
        let plan = self.plan.withLock { $0 }
        var busyTries = 0
        while true {
            do throws(StartError) {
                return try start(plan)
            } catch {
                if error.code == ETXTBSY, busyTries < Self.mostBusyTries {
                    busyTries += 1
                    usleep(10_000)
                    continue
                }
                // The program may be found elsewhere next time.
                let fresh = Self.makePlan(configuration, environment)
                self.plan.withLock { $0 = fresh }
                throw error
            }
        }
    }

    /// Starts a process for the task that shares the caller's terminal; nothing is written to its standard input.
    func startOnTerminal(
        for leased: LeasedTask, temporary: String?, stack: SpawnStack
    ) throws(StartError) -> ChildProcess {
        try ChildProcess.startOnTerminal(
            plan.withLock { $0 }, worker: configuration.name,
            extraEnvironment: variables(for: leased, temporary: temporary), stack: stack)
    }

    /// The file that is started.
    var program: String { plan.withLock { $0.path } }

    /// The names of the variables that a process for this task gets.
    func environmentNames(for task: WorkerTask) -> [String] {
        let extra = variables(for: LeasedTask(task: task, lease: Lease(token: "")), temporary: nil)
        return Set(environment.keys).union(extra.compactMap { $0.split(separator: "=").first.map(String.init) })
            .sorted()
    }

    /// What differs from task to task.
    func variables(for leased: LeasedTask, temporary: String?) -> [String] {
        let task = leased.task
        var variables = ["\(HostMark.leaseVariable)=\(HostMark.lease(taskID: task.id, token: leased.lease.token))"]
        variables.append("TMPDIR=\(temporary ?? defaultTemporary)")
        if let traceParent = task.metadata.traceParent { variables.append("TRACEPARENT=\(traceParent)") }
        return variables
    }

    /// A program that is being written cannot be started, and one that was just written neither while any process
    /// between its own fork and exec still has it open. Either passes; the wait is on the lane's own thread.
    private static let mostBusyTries = 50

    private static func makePlan(_ configuration: WorkerConfiguration, _ environment: [String: String]) -> LaunchPlan {
        LaunchPlan(
            commandLine: configuration.commandLine, directory: configuration.projectPath, environment: environment,
            limits: limits(configuration.limits),
            // A worker that is known to need much memory goes before the host when the machine runs short.
            outOfMemoryScore: configuration.limits.maxMemoryMiB == nil ? nil : 500)
    }

    private static func limits(_ limits: WorkerConfiguration.Limits) -> [wh_limit] {
        var result: [wh_limit] = []
        if let memory = limits.maxMemoryMiB {
            // Private writable memory: what a program allocates, not the address space that some runtimes reserve.
            result.append(wh_limit(resource: Int32(RLIMIT_DATA.rawValue), value: UInt64(memory) << 20))
        }
        result.append(wh_limit(resource: Int32(RLIMIT_NOFILE.rawValue), value: openFiles(limits)))
        return result
    }

    /// Some programs close every descriptor up to the limit one by one: a billion takes them minutes.
    private static func openFiles(_ limits: WorkerConfiguration.Limits) -> UInt64 {
        var own = rlimit()
        let known = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &own) == 0
        let ceiling = known ? min(UInt64(own.rlim_cur), 1 << 20) : 1024
        return limits.maxOpenFiles.map { min(UInt64(max(16, $0)), ceiling) } ?? ceiling
    }
}
