import ArgumentParser
import WorkerHostCore

/// `workerhost explain`
struct Explain: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell one task's whole story: what happened, why, and what follows.",
        discussion: """
            Works on a queue whose host is not running, too. Exit code 1 if there is no such task.

              workerhost explain 42
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The task's id, as submit printed it.", completion: .taskIDs)
    var id: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @MainActor
    func execute() async throws {
        let story = try await TaskStory.load(id, try global.loadToLook())
        try StandardOutput().report(asJSON: json, json: { story.json() }, lines: { story.lines(terminal: $0) })
    }
}
