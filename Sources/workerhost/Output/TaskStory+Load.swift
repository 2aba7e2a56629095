import WorkerHostCore
import WorkerHostSQLite

extension TaskStory {
    /// Reads a task's story from the queue.
    /// - Throws: ``CommandFailure`` with exit code 1 if there is no such task.
    @MainActor
    static func load(_ id: String, _ configuration: HostConfiguration) async throws -> TaskStory {
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
            return TaskStory(
                task: task, timeline: timeline, worker: worker, hosts: hosts,
                records: HostRecordDirectory(stateDirectory: configuration.stateDirectory).living())
        } catch let error as SQLiteQueueError {
            throw CommandFailure(error)
        }
    }
}
