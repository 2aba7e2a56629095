import ArgumentParser
import Foundation
import WorkerHostCore

/// `workerhost doctor`
struct Examine: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for everything that would go wrong, before the first task.",
        discussion: """
            Checks the configuration, tries the import of each worker's module in a process of the worker's kind, and \
            looks at the queue, the state directory, the machine's limits and the clock. One line for each check, and \
            under each warning or problem what to do. Runs no task and changes nothing. Exit code 2 if something is \
            wrong; warnings alone are none.

              workerhost doctor --config workerhost.yaml
              workerhost doctor --worker scraper
              workerhost doctor --json | jq '.[] | select(.status == "problem")'
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Examine this worker and nothing else.", valueName: "name"))
    var worker: String?

    @Option(
        help: ArgumentHelp(
            "How long an import may take, for example 90s or 2m; then it is ended.", valueName: "duration"))
    var timeout: String = "30s"

    @Flag(help: "Print a JSON array of all checks.")
    var json = false

    @MainActor
    func execute() async throws {
        let deadlines = try deadlines()
        let file = try global.file()
        let (loaded, read) = await Doctor.load(file: file, atMost: deadlines.look) {
            file throws(ConfigurationError) in try GlobalOptions.loader.load(file: file)
        }
        var diagnoses = read
        if let configuration = loaded?.configuration {
            diagnoses += try await examine(configuration, deadlines)
        }
        let report = DoctorReport(diagnoses)
        try StandardOutput().report(asJSON: json, json: report.json, lines: { report.lines(terminal: $0) })
        if report.hasProblem { throw CommandFailure(.usage) }
    }

    private func examine(
        _ configuration: HostConfiguration, _ deadlines: Doctor.Deadlines
    ) async throws(CommandFailure) -> [Diagnosis] {
        let doctor = Doctor(
            configuration, environment: ProcessInfo.processInfo.environment,
            taskManager: AdapterFactory.diagnostician(for: configuration), deadlines: deadlines)
        guard let worker else { return await doctor.examine() }
        if let diagnoses = await doctor.examine(worker: worker) { return diagnoses }
        let names = configuration.workers.map(\.name)
        let nearest = NearestMatch.find(worker, in: names).map { "; did you mean '\($0)'?" } ?? "."
        throw CommandFailure(
            .usage,
            "There is no worker '\(PlainText.singleLine(worker))' in the configuration\(nearest) It has "
                + names.map { "'\($0)'" }.joined(separator: ", ") + ".")
    }

    private func deadlines() throws(CommandFailure) -> Doctor.Deadlines {
        guard let probe = DelayText.parse(timeout), probe > .zero else {
            throw CommandFailure(
                .usage, "--timeout '\(PlainText.singleLine(timeout))' is no duration: write \(DelayText.expectation).")
        }
        return Doctor.Deadlines(look: max(.seconds(10), probe / 3), probe: probe)
    }
}
