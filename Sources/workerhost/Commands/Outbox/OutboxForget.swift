import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost outbox forget`
struct OutboxForget: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Let a task run again that is known to fail for good.",
        discussion: """
            A host remembers for 7 days which tasks failed for good, and fails them at once when the TaskManager hands \
            them out again. After this the task is run. Exit code 1 if nothing is remembered of it.

              workerhost outbox forget 4711
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The task's id in the TaskManager.")
    var task: String

    @MainActor
    func execute() async throws {
        let (configuration, task) = (try global.load().configuration, task)
        let isDone = try await OutboxFactory.withExisting(configuration, access: .readWrite) {
            outbox throws(SQLiteQueueError) in try await outbox.forgetFailure(ofTask: task)
        }
        let name = PlainText.singleLine(task)
        guard isDone == true else {
            throw CommandFailure(
                .failed, "No failure of task '\(name)' is remembered: it is run when it is handed out.")
        }
        Talk.shared.line("The failure of task '\(name)' is forgotten: it is run when it is handed out again.")
    }
}
