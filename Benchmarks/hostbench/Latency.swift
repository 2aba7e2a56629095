import ArgumentParser
import WorkerHostCore

/// One task at a time: from its lease until its outcome is handed over.
struct Latency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "One task at a time.")

    @OptionGroup var options: BenchOptions
    @Option(help: "Tasks.") var tasks = 50_000

    func run() async throws {
        let tasks = tasks
        let times = try await options.withHost(processes: 1) { feed in
            let before = feed.times.count
            for number in 0..<tasks {
                feed.add(BenchOptions.params(number))
                await feed.waitUntilFinished()
            }
            return feed.times[before...].map { $0.completed - $0.leased }
        }
        print(#"{"p50_microseconds":\#(times.permille(500)),"p99_microseconds":\#(times.permille(990))}"#)
    }
}
