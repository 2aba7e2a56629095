import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost explain`
struct Explain: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell one task's whole story: what happened, why, and what follows.",
        discussion: """
            Works on a queue whose host is not running, too. Exit code 1 if there is no such task.

              workerhost explain 42
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The task's id, as submit printed it.")
    var id: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @MainActor
    func execute() async throws {
        let configuration = try global.load().configuration
        let output = StandardOutput()
        let queue = try AdapterFactory.existingQueue(for: configuration, logger: QuietLogger.make("workerhost.sqlite"))
        do {
            guard let queue, let task = try await queue.task(id: id) else {
                await queue?.shutdown()
                throw CommandFailure(
                    .failed,
                    "There is no task '\(PlainText.singleLine(id))' in the queue "
                        + "'\(AdapterFactory.path(of: configuration))': 'workerhost tasks' lists what there is."
                )
            }
            let timeline = try await queue.timeline(of: id)
            let hosts = try await queue.overview().hosts
            await queue.shutdown()
            let worker: WorkerConfiguration?
            do throws(RegistryError) {
                worker = try WorkerRegistry(configuration.workers).worker(for: task.type)
            } catch {
                throw CommandFailure(.usage, error.description)
            }
            let story = TaskStory(task: task, timeline: timeline, worker: worker, hosts: hosts)
            try output.report(asJSON: json, json: story.json, lines: { story.lines(terminal: $0) })
        } catch let error as SQLiteQueueError {
            throw CommandFailure(error)
        }
    }
}
