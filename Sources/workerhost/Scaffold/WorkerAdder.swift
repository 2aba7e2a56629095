import Foundation
import WorkerHostCore

/// Adds a worker to an existing project: its folder, and its entry in the configuration.
@MainActor
struct WorkerAdder {
    let file: String
    let worker: WorkerPlan
    private let folder: String

    /// Adds to the project of this configuration.
    init(file: String, worker: WorkerPlan) {
        self.file = file
        self.worker = worker
        folder = PathText.directory(of: file)
    }

    /// Adds it, or with `isDryRun` only looks whether that would go well.
    /// - Parameter output: gets the entry to paste where the configuration cannot be edited.
    /// - Throws: ``CommandFailure``; nothing is changed then.
    func add(isDryRun: Bool, output: StandardOutput) throws -> ScaffoldReport {
        let configuration = try GlobalOptions.load(file).configuration
        let target = "\(folder)/\(worker.path)"
        let isEntered = try checkClashes(configuration, target)
        var edit: WorkerListEditor.Edit?
        if !isEntered {
            do throws(WorkerListEditor.Refusal) { edit = try edited() } catch {
                try output.write(worker.jsonEntry)
                try output.line("")
                try output.flush()
                throw CommandFailure(
                    .failed,
                    "'\(file)' cannot be edited safely: \(error.reason). Nothing was changed. Put the entry above into "
                        + "its list of workers and run the command again: then it makes the worker's files.")
            }
        }
        let python = try worker.findPython()
        if !isDryRun {
            try Scaffolding.make(worker, in: folder, with: python) { making throws(CommandFailure) in
                try making.folder(target, worker.files)
            } last: { () throws(CommandFailure) in
                if edit != nil { try enter() }
            }
        }
        return ScaffoldReport(
            worker: worker, folder: folder, configuration: file,
            files: worker.files.map { "\(worker.path)/\($0.path)" }, edit: edit, python: python?.version,
            isDryRun: isDryRun)
    }

    /// Whether the entry is there already and only its files are missing.
    /// - Throws: ``CommandFailure`` if a worker has the name or the type, or something is where its folder is to be.
    private func checkClashes(_ configuration: HostConfiguration, _ target: String) throws(CommandFailure) -> Bool {
        let namesake = configuration.workers.first { $0.name == worker.name }
        if let namesake {
            let isMissing = namesake.projectPath.hasSuffix("/" + worker.path) && !Making.exists(target)
            if isMissing, namesake.taskTypes == [worker.type] { return true }
            throw CommandFailure(
                .usage,
                "A worker '\(worker.name)' exists already: it runs \(namesake.taskTypes.joined(separator: ", ")) in "
                    + "'\(namesake.projectPath)'. Take another name; nothing was changed.")
        }
        if let other = configuration.workers.first(where: { $0.taskTypes.contains(worker.type) }) {
            throw CommandFailure(
                .usage,
                "The worker '\(other.name)' runs \(worker.type) already: name another type with --type. Nothing was "
                    + "changed.")
        }
        if Making.exists(target) {
            throw CommandFailure(
                .usage, "'\(target)' exists already: take another name, or move it away. Nothing was changed.")
        }
        return false
    }

    /// The text with the entry, which holds exactly the old workers and the new one.
    private func edited() throws(WorkerListEditor.Refusal) -> WorkerListEditor.Edit {
        guard let data = FileManager.default.contents(atPath: file),
            let text = String(validating: data, as: UTF8.self)
        else { throw WorkerListEditor.Refusal(reason: "it cannot be read") }
        let edit = try WorkerListEditor.adding(worker.entry, to: text)
        do throws(ConfigurationError) {
            let before = try load(text)
            var after = try load(edit.text)
            if let added = after.workers.popLast(), after == before, added.name == worker.name,
                added.taskTypes == [worker.type]
            {
                return edit
            }
            throw ConfigurationError(issues: [])
        } catch {
            let why = error.issues.isEmpty ? "its other workers would not stay as they are" : "\(error)"
            throw WorkerListEditor.Refusal(reason: why)
        }
    }

    private func load(_ text: String) throws(ConfigurationError) -> HostConfiguration {
        try GlobalOptions.loader.load(text: text, name: file, baseDirectory: folder).configuration
    }

    /// Reads the file once more: it may have been edited while the virtualenv was made.
    private func enter() throws(CommandFailure) {
        let text: String
        do throws(WorkerListEditor.Refusal) { text = try edited().text } catch {
            throw CommandFailure(.failed, "'\(file)' was changed meanwhile and cannot be edited now: \(error.reason).")
        }
        try TextOutput.replace(file, text)
    }
}
