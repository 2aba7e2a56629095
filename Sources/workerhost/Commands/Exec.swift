import ArgumentParser
import WorkerHostCore

/// `workerhost exec`
struct Exec: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run one task in its worker now, without a queue, and show everything.",
        discussion: """
            The worker is started as a host would start it: the same command line, directory, environment, limits and \
            deadlines. Shown are what goes in and out, standard error as it is written, how it ended, what it cost, \
            and what a host would make of it. No queue is opened and no host is needed.

              workerhost exec --type Text.Score --params '{"text":"hello"}'
              workerhost exec --type Text.Score params.json
              workerhost exec --worker scorer --params @params.json --json | jq .outcome

            Under a debugger or tracer. In the command, {command} stands for the worker's command line (which is put \
            behind it if it does not say where), {input} for a file with the task, {python} and {module} for a Python \
            worker's:

              workerhost exec --type Text.Score params.json --debugger pdb
              workerhost exec --type Text.Score params.json --debugger gdb
              workerhost exec --type Text.Score params.json --debugger 'strace -f'

            Ctrl-C ends the worker in order, a second one at once. Exit codes: 0 completed; 1 the task failed, or the \
            worker cannot be started; 2 wrong usage, configuration or params; 130 and 143 ended by Ctrl-C or SIGTERM.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("A file with the parameters, or - for standard input.", valueName: "file"))
    var file: String?

    @Option(help: "The task's type. May be left out with --worker if that runs one type only.")
    var type: String?

    @Option(help: ArgumentHelp("The parameters: a JSON object, @FILE, or - for standard input.", valueName: "json"))
    var params: String?

    @Option(help: ArgumentHelp("The task's id.", valueName: "id"))
    var id = "exec"

    @Option(help: "Which attempt it is, from 1.")
    var attempt = 1

    @OptionGroup var options: TrialOptions

    func validate() throws {
        if file != nil, params != nil {
            throw ValidationError("The parameters are a file or --params, not both.")
        }
        if type == nil, options.worker == nil { throw ValidationError("Name a --type, or a --worker.") }
        if attempt < 1 { throw ValidationError("--attempt counts from 1.") }
    }

    @MainActor
    func execute() async throws {
        let configuration = try global.load().configuration
        let choice = try WorkerChoice(configuration.workers)
        let type = try type ?? choice.onlyType(of: options.worker ?? "")
        let worker = try choice.worker(for: type, named: options.worker)
        let argument = params ?? file.map { $0 == "-" ? "-" : "@\($0)" }
        let task = WorkerTask(
            id: id, type: type, params: try argument.map(ParamsInput.read) ?? .emptyObject,
            metadata: TaskMetadata(createdAt: .now, attempt: attempt))
        var trial = Trial(options: options, task: task, worker: worker)
        let others = choice.others(for: type, beside: worker)
        if options.worker == nil, !others.isEmpty {
            trial.notes.append("this type is also run by \(others.joined(separator: ", ")) (--worker)")
        }
        try await trial.run()
    }
}
