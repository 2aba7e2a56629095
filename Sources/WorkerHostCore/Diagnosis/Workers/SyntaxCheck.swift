/// Has the interpreter of a script look at it without running it, where it can.
struct SyntaxCheck {
    let examination: WorkerExamination

    /// nil if it cannot be done.
    func run(deadline: Duration) -> Diagnosis? {
        guard let (commandLine, path) = commandLine else { return nil }
        let id = "doctor-\(UInt64.random(in: .min ... .max))"
        let run = ProbeRun(
            worker: examination.worker, commandLine: commandLine, environment: examination.environment, id: id,
            deadline: deadline)
        guard case .ended(let end, _) = run.run() else { return nil }
        switch end.ended {
        case .exited(0):
            return examination.diagnosis(.ok, "syntax", "\(path) has no syntax error", facts: ["script": .text(path)])
        case .exited:
            let said = ImportProbe.lastLine(of: end.standardErrorTail).map { ": \($0)" } ?? ""
            return examination.diagnosis(
                .problem, "syntax", "\(path) has a syntax error\(said)",
                advice: "Correct the script; '\(commandLine.joined(separator: " "))' shows when nothing is left.",
                facts: ["script": .text(path)])
        default: return nil
        }
    }

    private var commandLine: (words: [String], path: String)? {
        if let script = InterpretedScript(examination.worker), let program = examination.worker.command?.first {
            if ["sh", "bash", "dash"].contains(script.program) { return ([program, "-n", script.path], script.path) }
            if ["node", "nodejs"].contains(script.program) { return ([program, "--check", script.path], script.path) }
            return nil
        }
        guard let program = examination.worker.command?.first, let interpreter = ScriptFile(program).interpreter,
            let name = interpreter.split(separator: "/").last, ["sh", "bash", "dash"].contains(name)
        else { return nil }
        return ([interpreter, "-n", program], program)
    }
}
