/// Everything about one worker. Blocking: for dedicated threads.
struct WorkerExamination: Sendable {
    let worker: WorkerConfiguration
    let security: SecurityConfiguration
    /// The host's variables.
    let environment: [String: String]

    var subject: String { "worker '\(worker.name)'" }

    /// What its files and settings tell, without starting anything.
    func look() -> [Diagnosis] {
        guard let remote = worker.remote else { return ProgramCheck(examination: self).run() + settings() }
        return [
            diagnosis(
                .ok, "service", "tasks are sent to \(remote.url); whether it answers is seen with the first one",
                facts: ["url": .text(remote.url)])
        ]
    }

    /// What its processes tell.
    /// - Returns: the diagnoses and what was measured.
    func probe(deadline: Duration) -> (diagnoses: [Diagnosis], needs: WorkerNeeds) {
        var needs = WorkerNeeds(worker)
        if worker.remote != nil { return ([], needs) }
        guard let entry = PythonEntry(worker) else {
            return (SyntaxCheck(examination: self).run(deadline: deadline).map { [$0] } ?? [], needs)
        }
        let outcome = ImportProbe(worker: worker, entry: entry, environment: environment, deadline: deadline).run()
        var diagnoses: [Diagnosis] = []
        var report: ImportReport?
        if case .report(let found, _, _) = outcome { report = found }
        if let virtualenv = Virtualenv(program: entry.interpreter) {
            diagnoses += VirtualenvCheck(subject: subject, virtualenv: virtualenv, report: report).run()
        }
        diagnoses += ImportCheck(examination: self, entry: entry, deadline: deadline).run(outcome)
        needs.peakAfterStart = report?.peakMemory
        return (diagnoses, needs)
    }

    func diagnosis(
        _ status: Diagnosis.Status, _ id: String, _ message: String, advice: String? = nil,
        facts: [String: Diagnosis.Fact] = [:]
    ) -> Diagnosis {
        var facts = facts
        facts["worker"] = .text(worker.name)
        return Diagnosis(status, id: "worker.\(id)", subject: subject, message, advice: advice, facts: facts)
    }

    private func settings() -> [Diagnosis] {
        var diagnoses: [Diagnosis] = []
        let unset = worker.inheritedEnvironment.filter { environment[$0] == nil && worker.environment[$0] == nil }
        if !unset.isEmpty {
            diagnoses.append(
                diagnosis(
                    .warning, "environment",
                    "is to inherit \(DoctorText.list(unset)), which \(unset.count == 1 ? "is" : "are") not set here",
                    advice: "Set \(unset.count == 1 ? "it" : "them") where the host is started (Environment= of the "
                        + "service), or take \(unset.count == 1 ? "it" : "them") off inherit_environment.",
                    facts: ["unset": .list(unset)]))
        }
        if let finding = temporaryDirectory() { diagnoses.append(finding) }
        if let schema = worker.schema {
            do throws(ParameterSchemaError) { _ = try ParameterSchema(schema) } catch {
                diagnoses.append(
                    diagnosis(
                        .problem, "schema", "its schema cannot be used: \(error.problems.joined(separator: "; "))",
                        advice: "Correct workers[].schema: the host does not start with it."))
            }
        }
        return diagnoses
    }

    /// A `TMPDIR` of the worker's own; the usual one is made by the host.
    private func temporaryDirectory() -> Diagnosis? {
        guard let path = worker.environment["TMPDIR"] else { return nil }
        let full = path.hasPrefix("/") ? path : "\(worker.projectPath)/\(path)"
        guard SmallFile.exists(full) else {
            return diagnosis(
                .warning, "temporary_directory", "its TMPDIR \(full) does not exist: most programs take /tmp then",
                advice: "Create it, or take TMPDIR out of workers[].environment: the host gives each slot its own.")
        }
        guard path.utf8.count > ScratchSpace.longestPath else { return nil }
        return diagnosis(
            .warning, "temporary_directory",
            "its TMPDIR has \(path.utf8.count) bytes, too many for sockets in it (Python's multiprocessing makes some)",
            advice: "Take a path of at most \(ScratchSpace.longestPath) bytes.")
    }
}
