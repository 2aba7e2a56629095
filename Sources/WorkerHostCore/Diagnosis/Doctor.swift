/// Looks, before the first task, for what would go wrong later: workers that cannot be started or imported, limits that
/// are too low, a queue that cannot be written, a clock that was set back.
///
/// ```swift
/// let doctor = Doctor(configuration, environment: ProcessInfo.processInfo.environment)
/// for diagnosis in await doctor.examine() where diagnosis.status != .ok { print(diagnosis) }
/// ```
/// It starts no task and changes nothing but for a file in `state_dir`, which it removes again. Each step has a
/// deadline; one that hangs is named and left alone.
public struct Doctor: Sendable {
    /// How long the steps may take.
    public struct Deadlines: Sendable, Hashable {
        /// Each look at files, at the machine and at the TaskManager.
        public var look: Duration
        /// Each try of a worker's import; then its process group is ended.
        public var probe: Duration

        /// Deadlines.
        public init(look: Duration = .seconds(10), probe: Duration = .seconds(30)) {
            self.look = look
            self.probe = probe
        }
    }

    /// So many workers are examined at once; more would slow down what is measured.
    private static let atOnce = 2

    private let configuration: HostConfiguration
    private let environment: [String: String]
    private let taskManager: (any TaskManagerDiagnostician)?
    private let machine: MachineView
    private let deadlines: Deadlines

    /// A doctor.
    /// - Parameters:
    ///   - configuration: what the host would be started with; without workers that the service has in Swift.
    ///   - environment: the variables that the host would be started with.
    ///   - taskManager: looks at the TaskManager; nil leaves that out.
    ///   - machine: what is seen of the machine.
    ///   - deadlines: how long the steps may take.
    public init(
        _ configuration: HostConfiguration, environment: [String: String],
        taskManager: (any TaskManagerDiagnostician)? = nil, machine: MachineView = .real,
        deadlines: Deadlines = Deadlines()
    ) {
        self.configuration = configuration
        self.environment = environment
        self.taskManager = taskManager
        self.machine = machine
        self.deadlines = deadlines
    }

    /// Examines everything: workers in the configuration's order, TaskManager, state directory,
    /// log, machine.
    public func examine() async -> [Diagnosis] {
        let workers = await examineWorkers()
        let queue = await examineTaskManager()
        let (machine, configuration, look) = (machine, configuration, deadlines.look)
        let state = await BoundedStep.diagnoses("state_dir", "state_dir", atMost: look) {
            StateDirectoryCheck(machine: machine, path: configuration.stateDirectory).run()
        }
        let log = await BoundedStep.diagnoses("logging", "logging", atMost: look) {
            configuration.logging.file.map { LogFileCheck(machine: machine, path: $0).run() } ?? []
        }
        let needs = MachineNeeds(workers: workers.map(\.needs))
        let limits = await BoundedStep.diagnoses("machine", "machine", atMost: look) {
            MachineChecks(machine: machine, needs: needs).run()
                + [ClockCheck(machine: machine, newest: queue.newestTime).run()]
        }
        return workers.flatMap(\.diagnoses) + SharedTypesCheck(workers: configuration.workers).run()
            + queue.diagnoses + state + log + limits
    }

    /// Examines one worker and nothing else; nil if there is none of that name.
    public func examine(worker name: String) async -> [Diagnosis]? {
        guard let worker = configuration.workers.first(where: { $0.name == name }) else { return nil }
        return await examine(worker).diagnoses
    }

    private typealias WorkerFindings = (diagnoses: [Diagnosis], needs: WorkerNeeds)

    private func examineWorkers() async -> [WorkerFindings] {
        let workers = configuration.workers
        var findings = [WorkerFindings?](repeating: nil, count: workers.count)
        await withTaskGroup(of: (Int, WorkerFindings).self) { group in
            for (index, worker) in workers.enumerated() {
                if index >= Self.atOnce, let (done, found) = await group.next() { findings[done] = found }
                group.addTask { (index, await examine(worker)) }
            }
            for await (done, found) in group { findings[done] = found }
        }
        return findings.compactMap { $0 }
    }

    private func examine(_ worker: WorkerConfiguration) async -> WorkerFindings {
        let examination = WorkerExamination(
            worker: worker, security: configuration.security, environment: environment)
        let look = await BoundedStep.diagnoses("worker.program", examination.subject, atMost: deadlines.look) {
            examination.look()
        }
        // What cannot be started is not tried.
        let isStartable = look.allSatisfy { diagnosis in
            diagnosis.status != .problem || ["worker.path_safety", "worker.schema"].contains(diagnosis.id)
        }
        guard isStartable else { return (look, WorkerNeeds(worker)) }
        let deadline = deadlines.probe
        // The process is ended by its own deadlines; this one is for the files around it.
        let limit = deadline + deadlines.look
        do throws(BoundedStep.Failure) {
            let probe = try await BoundedStep.run(atMost: limit) { examination.probe(deadline: deadline) }
            return (look + probe.diagnoses, probe.needs)
        } catch {
            let hangs = BoundedStep.diagnosis("worker.import", examination.subject, error, limit)
            return (look + [hangs], WorkerNeeds(worker))
        }
    }

    private func examineTaskManager() async -> TaskManagerFindings {
        guard let taskManager else { return TaskManagerFindings([]) }
        let (configuration, machine) = (configuration, machine)
        let found = Guarded<TaskManagerFindings?>(nil)
        _ = await BoundedWait.run(atMost: deadlines.look) {
            let findings = await taskManager.examine(configuration, machine: machine)
            found.withLock { $0 = findings }
        }
        if let findings = found.withLock({ $0 }) { return findings }
        return TaskManagerFindings([
            BoundedStep.diagnosis("task_manager", "task_manager", .overran, deadlines.look)
        ])
    }
}

extension Doctor {
    /// Loads a configuration for ``init(_:environment:taskManager:machine:deadlines:)``, but does not wait for its file
    /// for ever.
    /// - Parameters:
    ///   - load: reads the file; it may block.
    ///   - limit: how long it may take.
    /// - Returns: what was read, if it can be used, and what is to be said about it.
    public static func load(
        file: String, atMost limit: Duration = .seconds(10),
        _ load: @escaping @Sendable (String) throws(ConfigurationError) -> LoadedConfiguration
    ) async -> (loaded: LoadedConfiguration?, diagnoses: [Diagnosis]) {
        let result: Result<LoadedConfiguration, ConfigurationError>
        do throws(BoundedStep.Failure) {
            result = try await BoundedStep.run(atMost: limit) {
                do throws(ConfigurationError) { return .success(try load(file)) } catch { return .failure(error) }
            }
        } catch {
            return (nil, [BoundedStep.diagnosis("configuration", "configuration", error, limit)])
        }
        switch result {
        case .success(let loaded): return (loaded, Diagnosis.of(loaded, file: file))
        case .failure(let error): return (nil, Diagnosis.of(error))
        }
    }
}
