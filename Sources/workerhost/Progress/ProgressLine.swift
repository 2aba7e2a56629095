import WorkerHostCore

/// Makes the text of a progress line; keeps the last moments to know the rate.
struct ProgressLine {
    private static let window = Duration.seconds(10)

    private var samples: [(at: ContinuousClock.Instant, done: Int)] = []

    /// The text.
    /// - Parameters:
    ///   - waiting: tasks that are not yet running; nil if unknown.
    ///   - columns: the terminal's width.
    mutating func text(
        done: Int, failed: Int, running: Int?, waiting: Int?, columns: Int, now: ContinuousClock.Instant = .now
    ) -> String {
        samples.append((now, done))
        while samples.count > 2, samples[1].at < now - Self.window { samples.removeFirst() }
        var parts = ["\(HumanText.count(done)) done"]
        if failed > 0 { parts.append("\(HumanText.count(failed)) failed") }
        if let running { parts.append("\(HumanText.count(running)) running") }
        if let waiting { parts.append("\(HumanText.count(waiting)) waiting") }
        if let rate = rate(now) {
            parts.append(HumanText.rate(rate))
            if let waiting, rate > 0 {
                parts.append("eta \(HumanText.duration(.seconds(Double(waiting + (running ?? 0)) / rate)))")
            }
        }
        return PlainText.cut(parts.joined(separator: " · "), to: max(1, columns - 1))
    }

    private func rate(_ now: ContinuousClock.Instant) -> Double? {
        guard let first = samples.first else { return nil }
        let elapsed = (now - first.at).inSeconds
        guard elapsed >= 0.5, let last = samples.last else { return nil }
        return Double(last.done - first.done) / elapsed
    }
}
