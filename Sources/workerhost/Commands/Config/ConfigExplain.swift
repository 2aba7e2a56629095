import ArgumentParser
import WorkerHostCore

/// `workerhost config explain`
struct ConfigExplain: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what holds for each key of the configuration, and where it comes from.",
        discussion: """
            A value comes from the file, from a variable of the environment, or is the default. A worker's keys may be \
            named by its number or its name; a section shows all keys below it. Secrets are shown as ***.

            Exit code 2 if the configuration has errors, or if there is no such key.

              workerhost config explain
              workerhost config explain task_manager
              workerhost config explain workers.scraper.timeout --json
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A key or a section: workers[0].timeout, workers.NAME.timeout, logging.")
    var key: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @MainActor
    func execute() async throws {
        let explanation = GlobalOptions.loader.explain(file: try global.file())
        let facts = key.map { explanation.facts(at: $0) } ?? explanation.facts
        let output = StandardOutput()
        if !facts.isEmpty || key == nil {
            let report = ExplanationReport(explanation, facts, key: key)
            try output.report(asJSON: json, json: report.json, lines: { report.lines(terminal: $0) })
        }
        let failure = explanation.errors.isEmpty ? nil : CommandFailure(ConfigurationError(issues: explanation.errors))
        if let key, facts.isEmpty { throw unknown(key, explanation, failure) }
        if let failure { throw failure }
    }

    private func unknown(
        _ key: String, _ explanation: ConfigurationExplanation, _ failure: CommandFailure?
    ) -> CommandFailure {
        let shown = PlainText.singleLine(key)
        if let failure, explanation.facts.isEmpty { return failure }
        var text = "There is no key '\(shown)' in '\(PlainText.singleLine(explanation.file))'"
        if let nearest = explanation.nearestKey(to: key) {
            text += "; did you mean '\(PlainText.singleLine(nearest))'?"
        } else {
            text += ". 'workerhost config explain' shows all keys."
        }
        if let failure { text += "\n\(failure.description)" }
        return CommandFailure(.usage, text)
    }
}
