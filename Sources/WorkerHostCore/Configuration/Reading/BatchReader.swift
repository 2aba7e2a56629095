/// Reads `workers[].batch`.
struct BatchReader {
    /// A batch that waits longer than this would keep its tasks from other hosts.
    private static let longestLinger = Duration.zero ... .seconds(300)

    private let section: MapReader

    /// nil for a value of another type, which is reported already.
    init?(_ worker: MapReader) {
        guard let section = worker.section("batch", keys: ConfigurationReader.keys("workers", "batch")) else {
            return nil
        }
        self.section = section
    }

    func read() -> BatchSettings {
        let usual = BatchSettings()
        return BatchSettings(
            size: section.int("size", in: 1...1024, default: usual.size),
            linger: section.duration("linger", in: Self.longestLinger, default: usual.linger))
    }
}
