// A service of its own around the host: one worker in Swift, the configured ones as processes.
// swift run embedding Examples/hello/workerhost.yaml

import Foundation
import Logging
import ServiceLifecycle
import UnixSignals
import WorkerHostCore
import WorkerHostSQLite

/// Runs inside the service.
struct WordCounter: Worker {
    let name = "word-counter"

    func canHandle(_ taskType: String) -> Bool { taskType == "Text.CountWords" }

    func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        do {
            let text = try task.params.decode([String: String].self)["text"] ?? ""
            return TaskResult(value: try RawJSON(validating: #"{"words":\#(text.split(separator: " ").count)}"#))
        } catch {
            throw TaskFailure(kind: .permanent, message: "params.text must be a text: \(error)")
        }
    }
}

/// Is told about everything that happens; every method has an empty default.
struct Announcer: Observer {
    func onTaskCompleted(_ task: WorkerTask, result: TaskResult, attempt: AttemptRecord) async {
        print("\(task.type) by \(attempt.worker): \(result.value)")
    }

    func onTaskFailed(_ task: WorkerTask, failure: TaskFailure, attempt: AttemptRecord) async {
        print("\(task.type) failed after \(attempt.number) attempts: \(failure)")
    }
}

/// The service's own part: here it adds two tasks and waits for them.
struct Submitter: Service {
    let queue: SQLiteTaskManager

    func run() async throws {
        let tasks = try await queue.enqueue([
            NewTask(type: "Hello.Greet", params: try RawJSON(validating: #"{"name":"Ada"}"#)),
            NewTask(type: "Text.CountWords", params: try RawJSON(validating: #"{"text":"two words"}"#)),
        ])
        _ = try await queue.waitUntilFinished(tasks.map(\.id))
    }
}

let environment = ProcessInfo.processInfo.environment
let file = CommandLine.arguments.dropFirst().first ?? "workerhost.yaml"
var configuration = try ConfigurationLoader(environment: environment).load(file: file).configuration
// A worker of the same name as the Swift one: its types, time limit, retries and concurrency.
configuration.workers.append(
    WorkerConfiguration(name: "word-counter", projectPath: "/", taskTypes: ["Text.CountWords"], timeout: .seconds(5)))

try FileManager.default.createDirectory(atPath: configuration.stateDirectory, withIntermediateDirectories: true)
let queue = try SQLiteTaskManager(path: configuration.stateDirectory + "/embedding.sqlite")
let logger = Logger(label: "embedding")
let host = try WorkerHost(
    configuration: configuration, taskManager: queue, observers: [Announcer()], workers: [WordCounter()],
    environment: environment, logger: logger)
let group = ServiceGroup(
    configuration: ServiceGroupConfiguration(
        services: [
            .init(service: host),
            .init(service: Submitter(queue: queue), successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
try await group.run()
