import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost dead-letters show`
struct DeadLettersShow: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Tell everything about one dead letter, and what can be done with it.",
        discussion: """
            Exit code 1 if there is no such task, or if it is no dead letter.

              workerhost dead-letters show 17
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The task's id.")
    var id: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @MainActor
    func execute() async throws {
        let story = try await TaskStory.load(id, try global.loadToLook())
        guard story.task.status == .failed else {
            throw CommandFailure(
                .failed,
                "Task \(story.task.id) is \(story.task.status.rawValue), not a dead letter: 'workerhost explain "
                    + "\(story.task.id)' tells about it.")
        }
        let steps = DeadLetterSteps(story.task)
        try StandardOutput().report(
            asJSON: json, json: { story.json { steps.add(to: &$0) } },
            lines: { story.lines(terminal: $0) + steps.lines(terminal: $0) })
    }
}
