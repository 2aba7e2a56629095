/// Reads `workers[].pool`.
struct PoolReader {
    private let section: MapReader
    private let standard: WorkerPoolConfiguration

    /// nil for a value of another type, which is reported already.
    /// - Parameter standard: what `advanced.worker_pool` says.
    init?(_ worker: MapReader, standard: WorkerPoolConfiguration) {
        guard let section = worker.section("pool", keys: ConfigurationReader.keys("workers", "pool")) else {
            return nil
        }
        self.section = section
        self.standard = standard
    }

    func read() -> PoolSettings {
        let usual = PoolSettings()
        var pool = usual
        let base = "advanced.worker_pool"
        pool.min = section.int("min", in: 0...10_000, default: standard.minWorkers, from: "\(base).min_workers")
        pool.max = section.int(
            "max", in: 1...10_000, default: standard.maxWorkers, from: "\(base).max_workers",
            absence: "the worker's concurrency")
        pool.idleTimeout = section.duration(
            "idle_timeout", default: standard.idleTimeout, from: "\(base).idle_timeout")
        pool.maxTasks = section.int("max_tasks", in: 1...Int.max, absence: "no limit")
        pool.maxAge = age()
        pool.maxMemoryMiB = section.int("max_memory_mb", in: 1...WorkerReader.mostMiB, absence: "no limit")
        pool.startupTimeout = section.duration("startup_timeout", default: usual.startupTimeout)
        pool.pipeline = section.int("pipeline", in: 1...1024, default: usual.pipeline)
        // If neither is given here, it was said of advanced.worker_pool.
        if let most = pool.max, most < pool.min, section.has("min") || section.has("max") {
            section.error("max", "\(most) is less than min", expected: "\(pool.min) or more")
        }
        return pool
    }

    private func age() -> Duration? {
        let read = section.scalar("max_age")?.duration(in: MapReader.positiveDuration)
        return section.noted(
            "max_age", read, default: nil, absence: "no limit",
            expectation: MapReader.expectation(MapReader.positiveDuration))
    }
}
