/// The sentence for an exception at import, and what to do about it.
struct ImportFailureText {
    private let check: ImportCheck
    private let report: ImportReport
    private let failure: ImportReport.Failure

    init(_ check: ImportCheck, _ report: ImportReport, _ failure: ImportReport.Failure) {
        self.check = check
        self.report = report
        self.failure = failure
    }

    var diagnosis: Diagnosis {
        var facts: [String: Diagnosis.Fact] = [
            "python": .text(report.python), "exception": .text(failure.type),
            "exception_message": .text(failure.message),
        ]
        if let file = failure.file { facts["file"] = .text(file) }
        if let line = failure.line { facts["line"] = .number(line) }
        if let missing = failure.missing { facts["missing"] = .text(missing) }
        let worker = check.examination.worker
        if failure.isTarget {
            return check.finding(
                .problem, "import", "Python finds no \(check.entry.name) in \(worker.projectPath): \(failure.message)",
                failure.message.contains("__main__")
                    ? "Add a __main__.py to the package, or name one of its modules in workers[].module."
                    : "Correct workers[].module or project_path, or install the package that has it.", facts)
        }
        let message = failure.message.isEmpty ? failure.type : "\(failure.type): \(failure.message)"
        let place = failure.file.map { " (\($0)\(failure.line.map { ", line \($0)" } ?? ""))" } ?? ""
        // A missing module may be where the module's own code would have looked.
        let isUnsure = report.isUnsure && failure.missing != nil
        return check.finding(
            isUnsure ? .warning : .problem, "import", "the import of \(check.entry.name) fails: \(message)\(place)",
            advice, facts)
    }

    private var advice: String {
        let worker = check.examination.worker
        if let limit = worker.limits.maxMemoryMiB,
            failure.type == "MemoryError" || ImportCheck.speaksOfMemory(failure.message)
        {
            return "Raise limits.max_memory_mb (\(limit)): the import alone needs more."
        }
        switch failure.type {
        case "ModuleNotFoundError":
            let top = failure.missing?.split(separator: ".").first.map(String.init) ?? "it"
            let install =
                "Install it where the worker looks: \(check.entry.interpreter) -m pip install \(top) (the package may "
                + "have another name)"
            return report.isUnsure ? "\(install), unless the module finds it by sys.path." : "\(install)."
        case "SyntaxError", "IndentationError", "TabError":
            return "Correct the file; with newer syntax than Python \(report.python) has, take a newer Python."
        case "SystemExit":
            return "Something ends the process while the module is imported: move it under "
                + "'if __name__ == \"__main__\":'."
        default: return "See the whole traceback: \(check.byHand)"
        }
    }
}
