/// Where a worker is checked: starts its processes one after another, and remembers what they said.
///
/// Used by one thread, which lives as long as the processes.
final class ConformanceBench {
    let subject: ConformanceSubject
    let environment: [String: String]
    /// How long a check may take.
    let timeout: Duration
    let control: ConformanceControl
    /// When the check that runs must have ended.
    var deadline = MonotonicTime.now
    /// How many tasks were given since the check began.
    var given = 0
    /// What the replies of all checks are to be blamed for, each with the check that saw it.
    var shapes = ReplyShapes()
    /// Replies of oneshot workers that their exit codes contradict.
    var exits = ExitCodes()

    private let mark: HostMark
    private let temporary: ScratchDirectory
    private let stack = SpawnStack()
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var starts = 0
    private var ids = 0
    private var cachedValid: Exchange?
    private var cachedPair: TaskPair?
    private static let marks = Guarded(0)

    init(
        _ subject: ConformanceSubject, environment: [String: String], timeout: Duration, control: ConformanceControl,
        directory: AttemptDirectory
    ) {
        self.subject = subject
        self.environment = environment
        self.timeout = timeout
        self.control = control
        temporary = ScratchDirectory(path: directory.temporary)
        let number = Self.marks.withLock { number in
            number += 1
            return number
        }
        mark = .own(hostID: "check-worker-\(number)")
    }

    deinit { scratch.deallocate() }

    // MARK: Tasks

    /// The valid task, with an id that no other has.
    func validTask() -> TaskText {
        ids += 1
        return TaskText(id: "check-worker-\(ids)", type: subject.task.type, params: subject.task.params.bytes)
    }

    /// The valid task's exchange, by which everything else is measured; made once.
    var valid: Exchange {
        if let cachedValid { return cachedValid }
        let exchange = self.exchange(validTask(), measuresReading: true)
        cachedValid = exchange
        return exchange
    }

    /// Two valid tasks for one process, the second given when the first is answered; made once.
    var pair: TaskPair {
        if let cachedPair { return cachedPair }
        let pair = TaskPair(on: self)
        cachedPair = pair
        return pair
    }

    /// Why nothing else is to be learned from a worker; nil if it answers.
    var dead: String? {
        let valid = self.valid
        if case .notGiven = valid.answer { return "the worker cannot be started (valid-task)" }
        guard valid.reply != nil || subject.isOneshot && valid.isAnswered else {
            return "the valid task was not answered (valid-task)"
        }
        if case .wrongTask = valid.answer { return "the valid task was not answered (valid-task)" }
        if subject.isPool { return valid.answeredAtEndOnly ? "it serves no pool (valid-task)" : nil }
        return valid.end?.isOwn == true ? nil : "it does not end by itself (clean-end)"
    }

    // MARK: Processes

    /// Starts a process of the worker.
    /// - Parameters:
    ///   - environment: in place of the one a host would have here.
    ///   - inherited: names of its variables that are passed on beside what the worker gets anyway.
    func start(
        environment: [String: String]? = nil, inheriting inherited: [String] = []
    ) -> Result<ConformanceSession, StartError> {
        var configuration = subject.configuration
        configuration.inheritedEnvironment += inherited
        let launcher = Launcher(
            configuration, mode: subject.mode, hostEnvironment: environment ?? self.environment, hostMark: mark.text)
        temporary.empty()
        starts += 1
        let startedAt = MonotonicTime.now
        do throws(StartError) {
            let child = try launcher.start(
                mark: "check/\(starts)", temporary: launcher.setsOwnTemporaryDirectory ? nil : temporary.path,
                stack: stack)
            return .success(
                ConformanceSession(
                    child, subject: subject, startedAt: startedAt, control: control,
                    sweeper: LeftoverSweeper(own: mark), scratch: scratch))
        } catch {
            return .failure(error)
        }
    }

    /// Gives a task to a process that runs.
    func give(_ task: TaskText, to session: ConformanceSession) {
        given += 1
        // That the format holds the valid task was seen at the beginning.
        do throws(MessagePackEncodingError) { session.send(try task.frame(subject)) } catch { session.closeInput() }
    }

    /// Brings a process to its end and takes what its replies teach.
    func finish(_ session: ConformanceSession) -> SessionEnd {
        let end = session.finish(grace: subject.configuration.stopGrace)
        for reply in session.replies { shapes.look(at: reply, subject) }
        return end
    }
}
