import ArgumentParser
import Logging
import WorkerHostCore

/// The host without a queue: tasks from memory, run by warm Python processes. Prints one JSON object.
@main
struct HostBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hostbench", abstract: "Measure the host with tasks from memory.",
        subcommands: [Rate.self, Latency.self, Mixed.self])
}

/// What all measurements need.
struct BenchOptions: ParsableArguments {
    @Option(help: "The Python interpreter.") var python: String
    @Option(help: "The folder of warm_worker.py.") var folder: String
    @Option(help: "A folder for the host's state.") var state: String

    /// Runs a host with so many processes around `body`, which gets the feed once all processes are warm.
    func withHost<Value: Sendable>(
        processes: Int, _ body: @Sendable @escaping (Feed) async throws -> Value
    ) async throws -> Value {
        let feed = Feed()
        let worker = WorkerConfiguration(
            name: "warm", projectPath: folder, command: [python, "warm_worker.py"], taskTypes: ["T"],
            timeout: .seconds(60), mode: .pool, concurrency: processes, pool: PoolSettings(min: processes))
        let configuration = HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite), workers: [worker], stateDirectory: state)
        var logger = Logger(label: "hostbench")
        logger.logLevel = .error
        let host = try WorkerHost(
            configuration: configuration, taskManager: feed, environment: ["PATH": "/usr/bin:/bin"], logger: logger)
        let running = Task { try await host.run() }
        feed.add((0..<200 * processes).map { (Self.params($0), false) })
        await feed.waitUntilFinished()
        let value = try await body(feed)
        host.shutdown(reason: "measured")
        _ = try await running.value
        return value
    }

    /// The parameters of a short task.
    static func params(_ number: Int) -> RawJSON {
        RawJSON(unchecked: Array(#"{"number":\#(number),"name":"item \#(number)"}"#.utf8))
    }

    /// How long a long task sleeps.
    static let longTask = Duration.milliseconds(500)

    /// Those of a long task.
    static func longParams(_ number: Int) -> RawJSON {
        RawJSON(unchecked: Array(#"{"number":\#(number),"name":"item","seconds":\#(longTask / .seconds(1))}"#.utf8))
    }
}

extension [Int64] {
    /// The value that so many of 1,000 are at most, in microseconds.
    func permille(_ rank: Int) -> Double {
        let sorted = self.sorted()
        return sorted.isEmpty ? 0 : Double(sorted[Swift.min(sorted.count - 1, sorted.count * rank / 1000)]) / 1000
    }
}
