import ArgumentParser
import WorkerHostCore

/// Tasks per second and processor time per task.
struct Rate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Many tasks at once.")

    @OptionGroup var options: BenchOptions
    @Option(help: "Worker processes.") var processes = 2
    @Option(help: "Tasks.") var tasks = 200_000

    func run() async throws {
        let tasks = tasks
        let (elapsed, processor, failures) = try await options.withHost(processes: processes) { feed in
            let batch = (0..<tasks).map { (BenchOptions.params($0), false) }
            let (start, used) = (Clock.now, Clock.processor)
            feed.add(batch)
            await feed.waitUntilFinished()
            return (Clock.now - start, Clock.processor - used, feed.failures)
        }
        print(
            #"{"tasks_per_second":\#(Double(tasks) / Double(elapsed) * 1e9),"#
                + #""processor_microseconds":\#(Double(processor) / Double(tasks) / 1000),"failures":\#(failures)}"#)
    }
}
