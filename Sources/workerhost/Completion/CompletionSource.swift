import ArgumentParser
import Dispatch
import Logging
import Synchronization
import WorkerHostCore
import WorkerHostSQLite

/// What a shell may complete a word to. Whatever goes wrong, there is just nothing to offer: a person is typing.
///
/// The parser asks for it on the main thread, before there is a command; so its methods wait for their answer there.
struct CompletionSource {
    private static let mostTasks = 200
    /// So long a person waits for a suggestion; a queue on a slow disk may need more.
    private static let patience = DispatchTimeInterval.seconds(2)

    private let configuration: HostConfiguration?

    /// Looks at the configuration that the command line `words` would use.
    init(_ words: [String]) {
        do {
            let file = try CompletionWords(words).configurationFile ?? GlobalOptions.parse([]).file()
            configuration = try GlobalOptions.loader.load(file: file).configuration
        } catch {
            configuration = nil
        }
    }

    var workerNames: [String] { configuration?.workers.map(\.name) ?? [] }

    var taskTypes: [String] { taskTypeSelectors.filter { !$0.contains("*") } }

    var taskTypeSelectors: [String] {
        let queued = inQueue { try await $0.overview().types.map(\.type) }
        return Set((configuration?.workers.flatMap(\.taskTypes) ?? []) + queued).sorted()
    }

    var taskIDs: [String] {
        var filter = TaskFilter(newestFirst: true)
        filter.limit = Self.mostTasks
        return inQueue { [filter] in try await $0.tasks(matching: filter).map(\.id) }
    }

    var outboxIDs: [String] {
        do {
            guard let configuration, let outbox = try OutboxFactory.existing(for: configuration) else { return [] }
            return Self.answer {
                let ids = try await outbox.entries(limit: Self.mostTasks).map { String($0.id) }
                await outbox.close()
                return ids
            }
        } catch {
            return []
        }
    }

    private func inQueue(_ body: @escaping @Sendable (SQLiteTaskManager) async throws -> [String]) -> [String] {
        let silent = Logger(label: "workerhost.completion") { _ in SwiftLogNoOpLogHandler() }
        do {
            guard let configuration,
                let queue = try AdapterFactory.existingQueue(for: configuration, logger: silent)
            else { return [] }
            return Self.answer {
                let answer = try await body(queue)
                await queue.shutdown()
                return answer
            }
        } catch {
            return []
        }
    }

    private static func answer(_ body: @escaping @Sendable () async throws -> [String]) -> [String] {
        let answer = Answer()
        Task.detached {
            do { answer.give(try await body()) } catch { answer.give([]) }
        }
        return answer.wait(patience)
    }

    /// Hands an answer from a task to the thread that waits for it.
    private final class Answer: Sendable {
        private let values = Mutex<[String]>([])
        private let isThere = DispatchSemaphore(value: 0)

        func give(_ answer: [String]) {
            values.withLock { $0 = answer }
            isThere.signal()
        }

        func wait(_ patience: DispatchTimeInterval) -> [String] {
            _ = isThere.wait(timeout: .now() + patience)
            return values.withLock { $0 }
        }
    }
}
