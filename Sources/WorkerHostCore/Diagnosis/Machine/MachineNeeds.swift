/// What the configured workers need of the machine when all their slots are busy.
struct MachineNeeds {
    /// Host and library themselves: the queue's files, event descriptors, the log.
    private static let ownDescriptors = 64
    /// The host's ends of three pipes, the process and the lane's event descriptor.
    private static let descriptorsPerProcess = 5
    /// The child's ends of three pipes, while a process is started.
    private static let descriptorsPerStart = 3
    /// Those that the process layer keeps free for the host's libraries.
    private static let reservedDescriptors = 16
    /// The host's own threads.
    private static let ownThreads = 16

    /// The workers and what was measured of them.
    let workers: [WorkerNeeds]

    /// Processes at once.
    var processes: Int { workers.reduce(0) { $0 + $1.concurrency } }

    /// Open files of the host.
    var openFiles: Int {
        Self.ownDescriptors + Self.reservedDescriptors + processes * Self.descriptorsPerProcess
            + workers.count * Self.descriptorsPerStart
    }

    /// Threads of the host and processes of its workers; what the workers start is not in it.
    var threadsAndProcesses: Int { Self.ownThreads + 2 * processes }

    /// Bytes that all processes use right after their start, as far as that was measured.
    var startMemory: Int { workers.reduce(0) { $0 + $1.concurrency * ($1.peakAfterStart ?? 0) } }

    /// Bytes that all processes may use: their limits, or what was measured where there is none.
    var mostMemory: Int {
        workers.reduce(0) { $0 + $1.concurrency * max($1.memoryLimit ?? 0, $1.peakAfterStart ?? 0) }
    }
}

/// What one worker needs.
struct WorkerNeeds: Sendable {
    let name: String
    /// Processes at once.
    let concurrency: Int
    /// `limits.max_memory_mb` in bytes.
    let memoryLimit: Int?
    /// The largest resident memory of one process right after its start, in bytes, if it was measured.
    var peakAfterStart: Int?

    init(_ worker: WorkerConfiguration) {
        name = worker.name
        concurrency = worker.concurrency
        memoryLimit = worker.limits.maxMemoryMiB.map { $0 << 20 }
    }
}
