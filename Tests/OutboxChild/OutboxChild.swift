import Foundation
import Logging
import WorkerHostCore
import WorkerHostSQLite

/// A host's outbox and a TaskManager that is two files, as a process that can be killed at any moment.
///
/// `outboxchild DIRECTORY store COUNT`: stores that many outcomes, each of them named on standard output once it is
/// accepted, while the TaskManager takes some and puts others off; then waits to be killed.
/// `outboxchild DIRECTORY drain`: delivers what is there and ends.
@main
enum OutboxChild {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let directory = arguments[1]
        let remote = FileTaskManager(path: directory + "/delivered", refuses: arguments[2] == "store")
        let manager = DeliveringTaskManager(
            remote, outbox: try SQLiteOutbox(path: directory + "/outbox.sqlite"),
            options: DeliveryOptions(
                batch: 8, backoff: .exponentialJitter(initial: .milliseconds(5), cap: .milliseconds(50)),
                flush: .seconds(60)),
            logger: Logger(label: "child") { _ in SwiftLogNoOpLogHandler() })
        let run = "\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try await manager.start(HostIdentity(id: run, pid: getpid(), types: ["T"]))
        if arguments[2] == "store", let count = Int(arguments[3]) {
            for first in stride(from: 0, to: count, by: 5) {
                let reports = (first..<first + 5).map { number in
                    TaskReport(
                        taskID: "\(run)/\(number)", lease: Lease(token: "l"),
                        outcome: .succeeded(TaskResult(value: RawJSON(unchecked: Array("{\"n\":\(number)}".utf8)))),
                        attempt: AttemptRecord(worker: "w", number: 1))
                }
                let answers = try await manager.complete(reports)
                for (report, answer) in zip(reports, answers) where answer == .accepted { say(report.taskID) }
            }
            say("all")
            try await Task.sleep(for: .seconds(3600))
        }
        await manager.shutdown()
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }
}

/// Appends what it takes to a file, a line each, before it says so.
private actor FileTaskManager: TaskManagerAdapter {
    private let descriptor: Int32
    private let refuses: Bool

    nonisolated var abilities: TaskManagerAbilities { [] }

    init(path: String, refuses: Bool) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        self.refuses = refuses
    }

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] { [] }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        if refuses, Int.random(in: 0..<10) == 0 { throw CancellationError() }
        return reports.map { report in
            if refuses, Int.random(in: 0..<3) == 0 { return .later(reason: "deadlock", after: nil) }
            let line = Array("\(report.taskID)\n".utf8)
            return write(descriptor, line, line.count) == line.count ? .accepted : .later(reason: "disk", after: nil)
        }
    }

    func healthCheck() async -> HealthStatus { .healthy }
}
