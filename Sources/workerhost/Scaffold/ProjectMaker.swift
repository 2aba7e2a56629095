import Foundation
import WorkerHostCore

/// Makes a new project.
@MainActor
struct ProjectMaker {
    /// What a folder may hold that becomes a project.
    private static let harmless: Set<String> = [".git"]

    let directory: String
    let worker: WorkerPlan

    /// Makes it, or with `isDryRun` only looks whether that would go well.
    /// - Throws: ``CommandFailure``; nothing is left behind then.
    func make(isDryRun: Bool) throws(CommandFailure) -> ScaffoldReport {
        let template = ProjectTemplate(worker: worker)
        try checkPlace(template.files)
        try checkConfiguration(template)
        let python = try worker.findPython()
        if !isDryRun {
            try Scaffolding.make(worker, in: directory, with: python) { making throws(CommandFailure) in
                try making.folder(directory, template.files)
            }
        }
        return ScaffoldReport(
            worker: worker, folder: directory, configuration: nil, files: template.files.map(\.path), edit: nil,
            python: python?.version, isDryRun: isDryRun)
    }

    /// - Throws: ``CommandFailure`` if something else is where the project is to be.
    private func checkPlace(_ files: [ScaffoldFile]) throws(CommandFailure) {
        let shown = PlainText.singleLine(directory)
        guard Making.exists(directory) else { return }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw CommandFailure(.usage, "'\(shown)' is a file: name a directory that does not exist yet.")
        }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted() } catch {
            throw CommandFailure(.usage, "'\(shown)' cannot be read: \(error).")
        }
        if names.contains(ProjectTemplate.configuration) {
            let file = ShellText.word(directory == "." ? ProjectTemplate.configuration : "\(directory)/workerhost.yaml")
            throw CommandFailure(
                .usage,
                "'\(shown)' is a WorkerHost project already. To add a worker to it: "
                    + "workerhost init --worker NAME --config \(file)")
        }
        let others = names.filter { !Self.harmless.contains($0) }
        guard !others.isEmpty else { return }
        let clashes = files.map(\.path).filter { Making.exists("\(directory)/\($0)") }
        throw CommandFailure(
            .usage,
            "'\(shown)' is not empty: it has \(Self.list(others)). "
                + (clashes.isEmpty ? "" : "A project would overwrite \(Self.list(clashes)). ")
                + "Name a directory that does not exist yet; nothing was changed.")
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(8).map { "'\(PlainText.singleLine($0))'" }.joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    }

    /// - Throws: ``CommandFailure`` if the configuration that would be written does not load.
    private func checkConfiguration(_ template: ProjectTemplate) throws(CommandFailure) {
        let text = template.files.first { $0.path == ProjectTemplate.configuration }?.text ?? ""
        // Not this shell's overrides: they are no part of the project.
        let loader = ConfigurationLoader(environment: [:], taskManagers: AdapterFactory.available)
        do throws(ConfigurationError) {
            _ = try loader.load(text: text, name: ProjectTemplate.configuration, baseDirectory: directory)
        } catch {
            throw CommandFailure(.usage, "The new configuration would not load:\n\(error)")
        }
    }
}
