import Foundation
import WorkerHostCore

/// What `init` made, or with `--dry-run` would make, and what to type next.
struct ScaffoldReport {
    let worker: WorkerPlan
    /// The folder of the configuration, as it was named.
    let folder: String
    /// The configuration that a worker was added to; nil for a new project.
    let configuration: String?
    /// The files, with paths from `folder`.
    let files: [String]
    let edit: WorkerListEditor.Edit?
    let python: String?
    let isDryRun: Bool

    /// The report for people.
    func lines(terminal: Terminal) -> [String] {
        let what = "worker '\(worker.name)' for tasks of the type \(worker.type)"
        let made = isDryRun ? "Would make" : "Made"
        var lines = [
            configuration.map { "\(made) the \(what), to be run by \($0):" }
                ?? "\(made) the project '\(PlainText.singleLine(folder))' with the \(what):"
        ]
        let width = files.reduce(0) { max($0, PlainText.width($1)) }
        func line(_ path: String, _ note: String) -> String {
            let padded = path + String(repeating: " ", count: max(0, width - PlainText.width(path)))
            return note.isEmpty ? "  \(path)" : "  \(padded)   \(Colour.faint.paint(note, on: terminal))"
        }
        lines.append("")
        lines += files.map { line($0, note(on: $0)) }
        if let virtualenv = worker.virtualenv {
            lines.append(line(virtualenv, "its virtualenv, Python \(python ?? "")"))
        }
        if let edit, let configuration {
            let done = isDryRun ? "Would write" : "Wrote"
            lines += ["", "\(done) to line \(edit.line) of \(configuration):", ""]
            lines += edit.element.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        return lines + (isDryRun ? [] : ["", "Next:", ""] + next.map { "  " + $0 })
    }

    private func note(on path: String) -> String {
        switch path {
        case ProjectTemplate.configuration: "the configuration"
        case ProjectTemplate.schema: "for your editor"
        case "\(worker.path)/\(worker.language.workerFile)": "the worker: your work goes here"
        case "\(worker.path)/\(worker.language.testFile)": "its test"
        default: ""
        }
    }

    /// The commands that lead to the first result.
    private var next: [String] {
        let name = configuration.map(PathText.name) ?? ProjectTemplate.configuration
        let named = ProcessInfo.processInfo.environment[GlobalOptions.variable] ?? ""
        let isUsual = name == ProjectTemplate.configuration && named.isEmpty || named == configuration && folder == "."
        let option = isUsual ? [] : ["--config", name]
        func host(_ words: String...) -> String {
            ShellText.line(["workerhost", words[0]] + option + words.dropFirst())
        }
        return (folder == "." ? [] : [ShellText.line(["cd", folder])]) + [
            ShellText.line(worker.testCommand),
            host("doctor"),
            host("exec", "--type", worker.type, "--params", #"{"name":"Ada"}"#),
            host("submit", "--type", worker.type, "--params", #"{"name":"Ada"}"#),
            host("run", "--until-idle"),
            host("tasks"),
        ]
    }

    /// The report as one JSON object.
    func json() -> [UInt8] {
        var object = JSONObjectText()
        object.flag("dry_run", isDryRun)
        object.text("directory", folder)
        object.text("config", configuration ?? "\(folder)/\(ProjectTemplate.configuration)")
        object.object("worker") {
            $0.text("name", worker.name)
            $0.text("type", worker.type)
            $0.text("language", worker.language.rawValue)
            $0.text("project_path", worker.path)
            $0.text("virtualenv", worker.virtualenv)
        }
        object.texts("files", files)
        object.text("entry", edit?.element)
        object.texts("next", isDryRun ? [] : next)
        return object.finished
    }
}
