import WorkerHostCore

/// Whether a worker's schema takes a task's params.
enum ParamsCheck {
    /// - Parameter consequence: what a host would do with such a task; behind "which breaks the schema".
    /// - Throws: ``CommandFailure`` with exit code 2 if the params break the schema, or the schema is none.
    static func run(
        _ params: RawJSON, _ worker: WorkerConfiguration, consequence: String
    ) throws(CommandFailure) {
        guard let schema = worker.schema else { return }
        let violations: [String]
        do throws(ParameterSchemaError) {
            violations = try ParameterSchema(schema).violations(in: params)
        } catch {
            throw CommandFailure(
                .usage, "The schema of worker '\(worker.name)': \(error.problems.joined(separator: "; ")).")
        }
        guard !violations.isEmpty else { return }
        throw CommandFailure(
            .usage,
            "The params break the schema of worker '\(worker.name)'\(consequence):\n"
                + violations.map { "  \(PlainText.singleLine($0))" }.joined(separator: "\n"))
    }
}
