import ArgumentParser
import WorkerHostCore

/// `workerhost validate`
struct Validate: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration and the workers it names.",
        discussion: """
            Prints everything that is wrong at once, with file, line, column and key. Exit code 2 if something is.

              workerhost validate --config workerhost.yaml
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    @MainActor
    func execute() async throws {
        let file = try global.file()
        let output = StandardOutput()
        let report: ValidationReport
        do throws(ConfigurationError) {
            report = ValidationReport(try GlobalOptions.loader.load(file: file))
        } catch {
            report = ValidationReport(error)
        }
        try output.report(
            asJSON: json, json: { report.json(file: file) }, lines: { report.lines(file: file, terminal: $0) })
        if !report.isValid { throw CommandFailure(.usage) }
    }
}
