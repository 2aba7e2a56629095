import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost submit`
struct Submit: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add tasks to the queue and print their ids.",
        discussion: """
            One task:

              workerhost submit --type Text.Score --params '{"text":"hello"}' --priority 5
              workerhost submit --type Text.Score --params @params.json --wait

            Many, as JSON lines {"type":…,"params":…,"priority":…,"dedupe_key":…,"delay":…}:

              workerhost submit tasks.jsonl
              make-tasks | workerhost submit -

            A file is checked as a whole first: if one line is bad, nothing is added. Standard input is added in \
            batches as it comes: good lines are added, bad ones reported. Both end with exit code 2.

            With a dedupe key that another unfinished task holds, nothing is added and that task's id is printed.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp("A file of JSON lines, or - for standard input.", valueName: "file"), completion: .file())
    var file: String?

    @Option(help: "The task's type.", completion: .taskTypes)
    var type: String?

    @Option(help: ArgumentHelp("The parameters: a JSON object, @FILE, or - for standard input.", valueName: "json"))
    var params: String?

    @Option(help: "Larger runs first.")
    var priority: Int?

    @Option(help: ArgumentHelp("Add the task only if no unfinished task has this key.", valueName: "key"))
    var dedupeKey: String?

    @Option(help: ArgumentHelp("Wait so long before it may run: 30, 250ms, 30s, 5m, 2h, 1d.", valueName: "delay"))
    var delay: String?

    @Flag(help: "Add tasks of types that no configured worker runs.")
    var allowUnknown = false

    @Flag(help: "Wait until the tasks have ended and print their results; exit code 1 if one failed.")
    var wait = false

    @Flag(help: "Print JSON lines: the id, and with --wait also status, result and error.")
    var json = false

    func validate() throws {
        let single = type != nil || params != nil || priority != nil || dedupeKey != nil || delay != nil
        if file != nil, single {
            throw ValidationError(
                "A file's lines say themselves what they are: leave out --type, --params and the like.")
        }
        if file == nil, type == nil {
            throw ValidationError("Name a --type, or a file of JSON lines (- for standard input).")
        }
        if let priority, Int(Int32(clamping: priority)) != priority {
            throw ValidationError("--priority must lie between \(Int32.min) and \(Int32.max).")
        }
    }

    @MainActor
    func execute() async throws {
        let configuration = try global.load().configuration
        var types = try check(configuration)
        let task = try file == nil ? single(&types) : nil
        let source = try file.map { try TaskSource(path: $0, types: types) }
        if configuration.taskManager.kind == .http {
            let submission = RemoteSubmission(
                api: try AdapterFactory.api(for: configuration), output: StandardOutput(), waits: wait, isJSON: json)
            return try await submission.run(task, source)
        }
        let queue = try AdapterFactory.queue(
            for: configuration, access: .create, logger: QuietLogger.make("workerhost.sqlite"))
        let output = StandardOutput()
        let submission = Submission(queue: queue, output: output, printsIDs: !wait, isJSON: json)
        do {
            var badLines = 0
            if let task { try await submission.add([task]) }
            if let source { badLines = try await submission.add(source) }
            try output.flush()
            let failed = wait ? try await SubmissionWait(submission).run() : 0
            await queue.shutdown()
            if badLines > 0 {
                throw CommandFailure(
                    .usage,
                    "\(HumanText.count(badLines, "bad line")) of '\(source?.name ?? "")' left out; "
                        + "\(HumanText.count(submission.count, "task")) submitted.")
            }
            if failed > 0 {
                throw CommandFailure(
                    .failed, "\(HumanText.count(failed, "task")) of \(HumanText.count(submission.count)) failed.")
            }
        } catch let error as SQLiteQueueError {
            try output.flush()
            throw CommandFailure(error)
        }
    }

    private func check(_ configuration: HostConfiguration) throws(CommandFailure) -> TypeCheck {
        do throws(RegistryError) {
            return try TypeCheck(configuration.workers, allowsUnknown: allowUnknown)
        } catch {
            throw CommandFailure(.usage, error.description)
        }
    }

    private func single(_ types: inout TypeCheck) throws(CommandFailure) -> NewTask {
        let type = type ?? ""
        if let complaint = types.complaint(about: type) { throw CommandFailure(.usage, "\(complaint).") }
        var task = NewTask(type: type, params: try params.map(ParamsInput.read) ?? .emptyObject)
        task.priority = priority ?? 0
        if let dedupeKey {
            guard !dedupeKey.isEmpty else { throw CommandFailure(.usage, "--dedupe-key is empty: leave it out.") }
            task.dedupeKey = dedupeKey
        }
        if let delay {
            guard let duration = DelayText.parse(delay) else {
                throw CommandFailure(
                    .usage, "--delay '\(PlainText.singleLine(delay))' is not \(DelayText.expectation).")
            }
            task.delay = duration
        }
        return task
    }
}
