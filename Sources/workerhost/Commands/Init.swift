import ArgumentParser
import Foundation
import WorkerHostCore

/// `workerhost init`
struct Init: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a new project, or add a worker to one.",
        discussion: """
            A project that works, with one worker, its test, its virtualenv and a configuration:

              workerhost init my-project
              workerhost init my-project --name resize --type Image.Resize --language node

            Another worker for the project of ./workerhost.yaml, or of --config. Its entry is added to the \
            configuration, where everything else stays as it is:

              workerhost init --worker mailer --type Mail.Send
              workerhost init --worker mailer --dry-run

            Nothing is ever overwritten, and a failure leaves nothing behind.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The new project's directory.", completion: .directory)
    var directory: String?

    @Option(help: ArgumentHelp("Add a worker of this name to an existing project.", valueName: "name"))
    var worker: String?

    @Option(help: "The name of a new project's worker (default: hello).")
    var name: String?

    @Option(help: "What the worker is written in.")
    var language: WorkerLanguage = .python

    @Option(help: "The type of the tasks that it runs (default: from its name, like Hello.Greet).")
    var type: String?

    @Option(
        help: ArgumentHelp("The Python to make the virtualenv with (default: python3).", valueName: "program"),
        completion: .file())
    var python: String?

    @Flag(help: "Make no virtualenv: the worker runs with the Python itself.")
    var noVenv = false

    @Flag(help: "Only tell what would be made.")
    var dryRun = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        switch (directory, worker) {
        case (nil, nil): throw ValidationError("Name the new project's directory, or with --worker a worker to add.")
        case (.some, .some):
            throw ValidationError(
                "--worker adds to an existing project: leave out the directory, or name the first "
                    + "worker with --name.")
        case (.some(let directory), nil):
            if directory.isEmpty { throw ValidationError("The directory is empty.") }
            if global.config != nil {
                throw ValidationError("--config names a project to add to: that takes --worker.")
            }
        case (nil, .some):
            if name != nil { throw ValidationError("--worker names the worker: leave out --name.") }
        }
        if language != .python, python != nil || noVenv {
            throw ValidationError("--python and --no-venv are for workers in Python.")
        }
    }

    @MainActor
    func execute() async throws {
        let plan = try WorkerPlan(
            name: worker ?? name ?? "hello", type: type, language: language, interpreter: python.map(Self.absolute),
            hasVirtualenv: language == .python && !noVenv)
        let output = StandardOutput()
        let report: ScaffoldReport
        if let directory {
            report = try ProjectMaker(directory: PathText.tidied(directory), worker: plan).make(isDryRun: dryRun)
        } else {
            report = try WorkerAdder(file: try global.file(), worker: plan).add(isDryRun: dryRun, output: output)
        }
        try output.report(asJSON: json, json: report.json, lines: { report.lines(terminal: $0) })
        remark(on: plan)
    }

    /// What would surprise whoever types the next commands.
    private func remark(on plan: WorkerPlan) {
        let named = ProcessInfo.processInfo.environment[GlobalOptions.variable] ?? ""
        if directory != nil, !named.isEmpty {
            Talk.shared.line(
                "workerhost: \(GlobalOptions.variable) is set: commands without --config take "
                    + "'\(PlainText.singleLine(named))', not the new project.")
        }
        if plan.language == .node, !SearchPath.has("node") {
            Talk.shared.line("workerhost: there is no 'node' in PATH; the worker needs it.")
        }
    }

    private static func absolute(_ program: String) -> String {
        guard program.contains("/"), !program.hasPrefix("/") else { return program }
        let relative = program.hasPrefix("./") ? program.dropFirst(2) : program[...]
        return FileManager.default.currentDirectoryPath + "/" + relative
    }
}
