/// Whether a worker's directory and program are there, can be started and are safe.
struct ProgramCheck {
    let examination: WorkerExamination
    private var worker: WorkerConfiguration { examination.worker }

    init(examination: WorkerExamination) {
        self.examination = examination
    }

    func run() -> [Diagnosis] {
        var diagnoses: [Diagnosis] = []
        let program = worker.commandLine.first ?? ""
        let brokenLink = Self.brokenLink(program)
        for violation in PathPolicy().check(worker) {
            if violation.isAboutSafety {
                guard examination.security.validateWorkerPaths else { continue }
                diagnoses.append(finding("path_safety", violation))
            } else if violation.key == "project_path" {
                diagnoses.append(finding("directory", violation))
            } else if let brokenLink, let virtualenv = Virtualenv(program: program) {
                diagnoses.append(brokenVirtualenv(virtualenv, brokenLink))
            } else {
                diagnoses.append(finding("program", violation))
            }
        }
        if diagnoses.allSatisfy({ $0.id == "worker.path_safety" }) { diagnoses += scripts(program) }
        if diagnoses.isEmpty { diagnoses.append(fine(program)) }
        return diagnoses
    }

    private func finding(_ id: String, _ violation: PolicyViolation) -> Diagnosis {
        examination.diagnosis(
            .problem, id, "\(violation.key): \(violation.path) \(violation.message)",
            advice: violation.advice.prefix(1).uppercased() + violation.advice.dropFirst() + ".",
            facts: ["path": .text(violation.path), "key": .text(violation.key)])
    }

    private func fine(_ program: String) -> Diagnosis {
        let real = SmallFile.real(program)
        var message = worker.commandLine.joined(separator: " ")
        if let real, real != program { message += " (\(real))" }
        return examination.diagnosis(
            .ok, "program", "\(message) in \(worker.projectPath)",
            facts: [
                "command": .list(worker.commandLine), "program": .text(real ?? program),
                "directory": .text(worker.projectPath), "concurrency": .number(worker.concurrency),
            ])
    }

    private func brokenVirtualenv(_ virtualenv: Virtualenv, _ missing: String) -> Diagnosis {
        let version = virtualenv.version.map { " (Python \($0))" } ?? ""
        return examination.diagnosis(
            .problem, "virtualenv",
            "the virtualenv \(virtualenv.directory) is broken: its python leads to \(missing), which does not exist "
                + "any more\(version)",
            advice: "Install that Python again, or make the virtualenv anew: rm -r \(virtualenv.directory) && "
                + "python3 -m venv \(virtualenv.directory), and install its packages.",
            facts: ["virtualenv": .text(virtualenv.directory), "missing": .text(missing)])
    }

    /// Where a chain of symbolic links ends that leads nowhere; nil if it leads somewhere, or is no link.
    private static func brokenLink(_ path: String) -> String? {
        guard !SmallFile.exists(path) else { return nil }
        var here = path
        for _ in 0..<40 {
            guard let target = SmallFile.target(of: here) else { return here == path ? nil : here }
            here = target.hasPrefix("/") ? target : here[...(here.lastIndex(of: "/") ?? here.startIndex)] + target
        }
        return nil
    }

    /// The program itself if it is a script, and a script that an interpreter is given.
    private func scripts(_ program: String) -> [Diagnosis] {
        let build = WorkerEnvironment.build(worker, host: examination.environment, hostMark: "")
        if let problem = ScriptFile(program).problem(searchPath: build["PATH"] ?? "") {
            return [examination.diagnosis(.problem, "script", problem.message, advice: problem.advice)]
        }
        guard let script = InterpretedScript(worker) else { return [] }
        guard SmallFile.exists(script.path) else {
            return [
                examination.diagnosis(
                    .problem, "script", "\(script.path), which \(script.program) is to run, does not exist",
                    advice: "Correct workers[].command or project_path: the name is relative to project_path.")
            ]
        }
        if script.isShell, ScriptFile(script.path).endsWithCarriageReturn {
            return [
                examination.diagnosis(
                    .problem, "script",
                    "\(script.path) has lines that end with CR LF, which \(script.program) takes "
                        + "for a part of the words",
                    advice: "Save it with Unix line ends: sed -i 's/\\r$//' \(script.path)")
            ]
        }
        return []
    }
}
