import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost replay`
struct Replay: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a stored task once more as it was, without reporting anything, and compare.",
        discussion: """
            The worker reads what it read then, byte for byte: id, type, params and metadata. The queue is only read: \
            the task, its attempts and its history stay as they are, whatever comes out, and a running host does not \
            mind. What the worker does is real, though: what it writes elsewhere, it writes again.

              workerhost replay 42
              workerhost replay 42 --attempt 1 --json | jq .comparison
              workerhost replay 42 --debugger pdb

            A deadline of the task that has passed does not end it. The configuration and the worker's code are \
            today's. See 'workerhost exec --help' for the output, debuggers and exit codes.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The task's id, as submit printed it.")
    var id: String

    @Option(help: ArgumentHelp("Which of its attempts, from 1 (default: the last).", valueName: "number"))
    var attempt: Int?

    @OptionGroup var options: TrialOptions

    func validate() throws {
        if let attempt, attempt < 1 { throw ValidationError("--attempt counts from 1.") }
    }

    @MainActor
    func execute() async throws {
        let configuration = try global.load().configuration
        let (stored, timeline) = try await look(configuration)
        let choice = try WorkerChoice(configuration.workers)
        let worker = try worker(for: stored, choice)
        let number = attempt ?? max(1, stored.attempts)
        let before = StoredAttempt(number, of: stored, timeline: timeline)
        var trial = Trial(options: options, task: stored.workerTask(attempt: number), worker: worker)
        trial.stored = before
        if let name = stored.worker, !name.isEmpty, name != worker.name {
            trial.notes.append("the stored attempt was run by the worker '\(PlainText.singleLine(name))'")
        }
        if let deadline = stored.deadline { limit(&trial, deadline, before) }
        try await trial.run()
    }

    @MainActor
    private func look(_ configuration: HostConfiguration) async throws -> (StoredTask, [TimelineEntry]) {
        let queue = try AdapterFactory.existingQueue(for: configuration, logger: QuietLogger.make("workerhost.sqlite"))
        do throws(SQLiteQueueError) {
            let task = try await queue?.task(id: id)
            let timeline = try await queue?.timeline(of: id) ?? []
            await queue?.shutdown()
            if let task { return (task, timeline) }
        } catch {
            throw CommandFailure(error)
        }
        throw CommandFailure(
            .failed,
            "There is no task '\(PlainText.singleLine(id))' in the queue '\(AdapterFactory.path(of: configuration))'.")
    }

    /// The worker that ran it, as far as that still runs its type; else the one that would now.
    @MainActor
    private func worker(for task: StoredTask, _ choice: WorkerChoice) throws(CommandFailure) -> WorkerConfiguration {
        if options.worker == nil, let name = task.worker, choice.runs(task.type, name) {
            return try choice.worker(for: task.type, named: name)
        }
        return try choice.worker(for: task.type, named: options.worker)
    }

    /// A deadline that has passed must not end the replay: it gets the time that the stored attempt had.
    @MainActor
    private func limit(_ trial: inout Trial, _ deadline: Timestamp, _ before: StoredAttempt) {
        let hasPassed = deadline <= .now
        if let start = before.startedAt, deadline > start {
            trial.timeout = min(trial.worker.timeout, start.duration(to: deadline))
            trial.notes.append(
                "the task's deadline \(hasPassed ? "(\(deadline)) has passed" : "is \(deadline)"); "
                    + "this attempt gets the time that the stored one had")
        } else if hasPassed {
            trial.timeout = trial.worker.timeout
            trial.notes.append(
                "the task's deadline (\(deadline)) has passed: a host would not run it any more; "
                    + "here it gets the worker's timeout")
        }
    }
}
