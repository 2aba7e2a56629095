/// Tries the import of a Python worker's module in a process of the worker's kind, without running its main code.
///
/// The module is found as `python -m` finds it. One with an `if __name__` guard is imported. One without would do its
/// work, so only its import statements are executed. Blocking: for dedicated threads.
struct ImportProbe {
    /// What came of it.
    enum Outcome {
        /// The probe came to its end; the lines went to standard output meanwhile.
        case report(ImportReport, strayLines: [String], startedAt: MonotonicTime)
        /// The process was over, or ended, before that.
        case died(Ended, lastLine: String?)
        /// It wrote more to standard output than a worker may.
        case flooded
        case notStarted(String)
    }

    let worker: WorkerConfiguration
    let entry: PythonEntry
    let environment: [String: String]
    let deadline: Duration

    func run() -> Outcome {
        let id = "doctor-\(UInt64.random(in: .min ... .max))"
        let (kind, target) =
            switch entry.target {
            case .module(let name): ("module", name)
            case .script(let path): ("script", path)
            }
        // No -m: the probe finds the module itself. Nothing is to be written, not even compiled files.
        let commandLine =
            [entry.interpreter] + entry.options + [
                "-B", "-c", Self.program, id, kind, target, worker.function ?? "",
                "\(worker.projectPath)/requirements.txt",
            ]
        let run = ProbeRun(
            worker: worker, commandLine: commandLine, environment: environment, id: id, deadline: deadline)
        switch run.run() {
        case .notStarted(let reason): return .notStarted(reason)
        case .ended(let end, let startedAt):
            if case .tooMuch = end.said { return .flooded }
            guard case .success(let result) = end.said, let report = ImportReport(result.value) else {
                return .died(end.ended, lastLine: Self.tellingLine(of: end.standardErrorTail))
            }
            return .report(
                report, strayLines: end.strayLines.filter { $0.contains { !$0.isWhitespace } }, startedAt: startedAt)
        }
    }

    /// What Python says of its end: a line that speaks of memory, or of an error, or else the last one.
    private static func tellingLine(of text: String?) -> String? {
        let lines = (text ?? "").split(whereSeparator: \.isNewline).map(String.init)
        return lines.last { ImportCheck.speaksOfMemory($0) } ?? lines.last { $0.contains("Error") }
            ?? lastLine(of: text)
    }

    /// The last line that says something.
    static func lastLine(of text: String?) -> String? {
        text?.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } }
            .map { String($0.drop(while: \.isWhitespace).prefix(300)) }
    }
}
