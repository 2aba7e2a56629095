import Foundation
import Logging
import WorkerHostCore
import WorkerHostSQLite

/// A host's outbox and a TaskManager that is two files, as a process that can be killed at any moment.
///
/// `outboxchild DIRECTORY store COUNT`: stores that many outcomes, each of them named on standard output once it is
/// accepted, while the TaskManager takes some and puts others off; then waits to be killed.
/// `outboxchild DIRECTORY drain`: delivers what is there and ends.
/// `outboxchild DIRECTORY bench COUNT BATCH BYTES`: says what one outcome costs, stored and delivered to nobody.
@main
enum OutboxChild {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let directory = arguments[1]
        if arguments[2] == "bench" {
            return try await bench(directory, arguments.dropFirst(3).compactMap { Int($0) })
        }
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

    private static func bench(_ directory: String, _ numbers: [Int]) async throws {
        let (count, batch, bytes) = (numbers[0], numbers[1], numbers[2])
        let manager = DeliveringTaskManager(
            Nobody(), outbox: try SQLiteOutbox(path: directory + "/outbox.sqlite"),
            options: DeliveryOptions(mostUndelivered: .max, mostUndeliveredBytes: .max))
        try await manager.start(HostIdentity(id: "bench", pid: getpid(), types: []))
        let result = TaskResult(value: RawJSON(unchecked: [UInt8](repeating: 0x31, count: bytes)))
        let clock = ContinuousClock()
        let (start, used) = (clock.now, processorTime())
        for first in stride(from: 0, to: count, by: batch) {
            _ = try await manager.complete(
                (first..<min(count, first + batch)).map { number in
                    TaskReport(
                        taskID: String(number), lease: Lease(token: "worker-\(number)"), outcome: .succeeded(result),
                        attempt: AttemptRecord(worker: "w", number: 1, pid: 4711, startedAt: .now))
                })
        }
        let stored = clock.now - start
        while manager.counters.delivered < count { try await Task.sleep(for: .milliseconds(1)) }
        let all = clock.now - start
        let processor = processorTime() - used
        func perOutcome(_ duration: Duration) -> String {
            String(format: "%.1f", duration.inSeconds * 1e6 / Double(count))
        }
        say(
            "\(count) outcomes of \(bytes) bytes in batches of \(batch): \(perOutcome(stored)) µs each until all were "
                + "stored, \(perOutcome(all)) µs until all were delivered and deleted, "
                + "\(perOutcome(.nanoseconds(processor))) µs of processor time")
        await manager.shutdown()
    }

    private static func processorTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
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

/// Takes everything at once.
private struct Nobody: TaskManagerAdapter {
    let abilities: TaskManagerAbilities = [.endsFailedTasks]

    func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] { [] }

    func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        Array(repeating: .accepted, count: reports.count)
    }

    func healthCheck() async -> HealthStatus { .healthy }
}
