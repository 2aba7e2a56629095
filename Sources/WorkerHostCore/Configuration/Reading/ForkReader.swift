/// Reads `workers[].fork`.
struct ForkReader {
    private let section: MapReader

    /// nil for a value of another type, which is reported already.
    init?(_ worker: MapReader) {
        guard let section = worker.section("fork", keys: ConfigurationReader.keys("workers", "fork")) else {
            return nil
        }
        self.section = section
    }

    func read() -> ForkSettings {
        let usual = ForkSettings()
        var fork = usual
        fork.maxMemoryMiB = section.int("max_memory_mb", in: 1...WorkerReader.mostMiB, absence: "no limit")
        fork.maxTasks = section.int("max_tasks", in: 1...Int.max, absence: "no limit")
        fork.startupTimeout = section.duration("startup_timeout", default: usual.startupTimeout)
        fork.reload = section.choice("reload", default: usual.reload)
        return fork
    }
}
