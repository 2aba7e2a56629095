import ArgumentParser
import WorkerHostCore

/// Bursts of tasks for two processes, all short or one of each burst long: does a short one wait behind a long one?
struct Mixed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bursts of 20 tasks, one of them of 500 ms.")

    @OptionGroup var options: BenchOptions
    @Option(help: "Bursts.") var bursts = 20

    private static let burst = 20

    func run() async throws {
        let bursts = bursts
        let (mixed, plain, dense) = try await options.withHost(processes: 2) { feed in
            // That there are long ones is learned from the first.
            _ = await Self.run(1, feed, hasLong: true)
            let mixed = await Self.run(bursts, feed, hasLong: true)
            // Bursts without a long task end at once. At the others' pace they find the machine as rested as those do.
            let plain = await Self.run(bursts, feed, hasLong: false, every: BenchOptions.longTask)
            let dense = await Self.run(bursts, feed, hasLong: false)
            return (mixed, plain, dense)
        }
        let limit = Int64(250_000_000)
        print(
            #"{"plain_p50_microseconds":\#(plain.permille(500)),"dense_p50_microseconds":\#(dense.permille(500)),"#
                + #""mixed_p50_microseconds":\#(mixed.permille(500)),"mixed_p99_microseconds":\#(mixed.permille(990)),"#
                + #""short_behind_long":\#(mixed.filter { $0 > limit }.count)}"#)
    }

    /// The times of the short tasks, from when they were added.
    /// - Parameter pace: a burst comes so long after the one before, or when that has ended.
    private static func run(
        _ bursts: Int, _ feed: Feed, hasLong: Bool, every pace: Duration = .zero
    ) async -> [Int64] {
        let clock = ContinuousClock()
        let before = feed.times.count
        for number in 0..<bursts {
            let next = clock.now + pace
            // At another place in each burst.
            let place = hasLong ? (number * 7) % burst : -1
            feed.add(
                (0..<burst).map { index in
                    index == place ? (BenchOptions.longParams(index), true) : (BenchOptions.params(index), false)
                })
            await feed.waitUntilFinished()
            // Nothing cancels a benchmark.
            do { try await clock.sleep(until: next) } catch { break }
        }
        return feed.times[before...].filter { !$0.isLong }.map { $0.completed - $0.added }
    }
}
