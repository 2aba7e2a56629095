/// Runs one process to its end as the worker's own processes are run: same environment, directory, limits and process
/// group. Blocking: for dedicated threads.
struct ProbeRun {
    /// What came of it.
    enum Outcome {
        case ended(OneshotRun.End, startedAt: MonotonicTime)
        case notStarted(String)
    }

    /// The worker whose process it stands for.
    let worker: WorkerConfiguration
    /// Replaces the worker's own command line.
    let commandLine: [String]
    /// The host's variables, of which the worker gets some.
    let environment: [String: String]
    /// Ids of attempts; a reply must carry it.
    let id: String
    /// After it the process and everything it started is ended.
    let deadline: Duration

    func run() -> Outcome {
        var configuration = worker
        configuration.command = commandLine
        let mark = HostMark.own(hostID: "doctor")
        let launcher = Launcher(configuration, hostEnvironment: environment, hostMark: mark.text)
        let task = WorkerTask(id: id, type: "Doctor.Probe", params: .emptyObject)
        let leased = LeasedTask(task: task, lease: Lease(token: "probe"))
        let lease = HostMark.lease(taskID: id, token: "probe")
        defer { LeftoverSweeper(own: mark).sweepOwn { $0 != lease } }
        let wake: WakeDescriptor
        do throws(SystemError) { wake = try WakeDescriptor() } catch { return .notStarted("\(error)") }
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { scratch.deallocate() }
        let stack = SpawnStack()
        let start = MonotonicTime.now
        let child: ChildProcess
        do throws(StartError) {
            (child, _) = try launcher.start(for: leased, input: [], temporary: nil, stack: stack)
        } catch {
            return .notStarted(error.description)
        }
        var run = OneshotRun(
            child: child, input: [], written: 0, taskID: id, limits: configuration.limits,
            deadlines: OneshotMachine.Deadlines(run: deadline, grace: .milliseconds(500), kill: .seconds(2)),
            // Without a taker the stray lines would not be kept.
            startedAt: start, hooks: AttemptHooks(errorLines: { _, _ in }))
        return .ended(run.run(scratch: scratch, wake: wake, requestedStop: { nil }), startedAt: start)
    }
}
