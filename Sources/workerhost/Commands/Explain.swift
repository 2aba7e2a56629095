import ArgumentParser
import WorkerHostCore

/// `workerhost explain`
struct Explain: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell one task's whole story: what happened, why, and what follows.",
        discussion: """
            Works on a queue whose host is not running, too. Exit code 1 if there is no such task. With a remote \
            TaskManager it tells what the host itself knows: outcomes that wait to be delivered, and why.

              workerhost explain 42
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The task's id, as submit printed it.", completion: .taskIDs)
    var id: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @MainActor
    func execute() async throws {
        let configuration = try global.loadToLook()
        let outbox = try await OutboxStory.load(id, configuration)
        if configuration.taskManager.kind != .sqlite {
            return try StandardOutput().report(
                asJSON: json, json: outbox.json, lines: { outbox.lines(terminal: $0) })
        }
        let story = try await TaskStory.load(id, configuration)
        try StandardOutput().report(asJSON: json, json: { story.json() }, lines: { story.lines(terminal: $0) })
    }
}
