import Foundation

@testable import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#endif

/// A machine made of files, in which one thing can be broken at a time; and a worker that needs no interpreter.
final class MachineFixture {
    /// Short, so that sockets fit below the state directory.
    let root: String
    var view: MachineView
    var worker: WorkerConfiguration
    var state: String
    /// What the real kernel says of the disk that `root` is on.
    private let device: String

    init() throws {
        root = "/tmp/whd-\(UInt32.random(in: .min ... .max))"
        state = "\(root)/s"
        var status = stat()
        try FileManager.default.createDirectory(atPath: root + "/s", withIntermediateDirectories: true)
        _ = stat(root, &status)
        let number = UInt64(status.st_dev)
        device = "\((number >> 8 & 0xFFF) | (number >> 32 & ~0xFFF)):\((number & 0xFF) | (number >> 12 & 0xFFFF_FF00))"
        view = MachineView(
            root: root, pid: 4711, user: 1000, coreCount: 4, now: { .now },
            limit: { resource in
                switch resource {
                case .openFiles: .init(soft: 4096, hard: 4096)
                case .processes: .init(soft: 4096, hard: 4096)
                case .coreFile: .init(soft: 0, hard: nil)
                }
            },
            space: { _ in .init(freeBytes: 10 << 30, freeFiles: 1 << 20) }, processDescriptorError: { 0 })
        worker = WorkerConfiguration(
            name: "w", projectPath: root, command: ["/usr/bin/env", "true"], taskTypes: ["T"], concurrency: 10,
            limits: .init(maxMemoryMiB: 100))
        try write("proc/self/stat", "4711 (workerhost) S 1")
        try write("proc/self/environ", "A=b\0")
        try write("proc/self/oom_score_adj", "0\n")
        try write("proc/sys/kernel/osrelease", "6.1.0-test\n")
        try write("proc/sys/kernel/core_pattern", "core\n")
        try meminfo(total: 16 << 20, available: 8 << 20)
        try write("proc/self/cgroup", "0::/system.slice/workerhost.service\n")
        try mounts(fileSystem: "ext4")
        for group in ["", "/system.slice", "/system.slice/workerhost.service"] {
            try write("sys/fs/cgroup\(group)/cgroup.procs", "")
        }
        for (name, value) in ["memory.max": "max", "memory.current": "1048576", "pids.max": "max"] {
            try group(name, value)
        }
    }

    /// Changes one limit of the process.
    func limit(_ resource: MachineView.Resource, soft: UInt64?, hard: UInt64?) {
        let before = view.limit
        view.limit = { $0 == resource ? .init(soft: soft, hard: hard) : before($0) }
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: root) } catch { print("not removed: \(error)") }
    }

    func write(_ name: String, _ text: String) throws {
        let path = "\(root)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(root)/\(name)") }

    /// A file of the host's own group of version 2.
    func group(_ name: String, _ value: String) throws {
        try write("sys/fs/cgroup/system.slice/workerhost.service/\(name)", value + "\n")
    }

    /// In KiB, as the kernel writes it.
    func meminfo(total: Int, available: Int) throws {
        try write(
            "proc/meminfo", "MemTotal: \(total) kB\nMemFree: 1 kB\nMemAvailable: \(available) kB\nSwapTotal: 0 kB\n")
    }

    func mounts(fileSystem: String, more: String = "") throws {
        try write(
            "proc/self/mountinfo",
            """
            22 1 \(device) / / rw,relatime shared:1 - \(fileSystem) /dev/sda1 rw
            30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate
            \(more)
            """)
    }

    /// Version 1: a group of its own for each controller, which a container sees as the root.
    func switchToVersion1(memory: String, processes: String) throws {
        try write("proc/self/cgroup", "4:memory:/docker/1f\n3:pids:/docker/1f\n")
        try write(
            "proc/self/mountinfo",
            """
            30 22 0:26 /docker/1f /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
            31 22 0:27 /docker/1f /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids
            """)
        try write("sys/fs/cgroup/memory/memory.limit_in_bytes", memory + "\n")
        try write("sys/fs/cgroup/memory/memory.usage_in_bytes", "0\n")
        try write("sys/fs/cgroup/pids/pids.max", processes + "\n")
        try write("sys/fs/cgroup/pids/pids.current", "3\n")
    }

    func examine(newest: Timestamp? = nil) async -> [Diagnosis] {
        let configuration = HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite), workers: [worker], stateDirectory: state)
        return await Doctor(
            configuration, environment: ["PATH": "/usr/bin:/bin"], taskManager: StillTaskManager(newest: newest),
            machine: view
        ).examine()
    }
}

/// A TaskManager of which nothing but a time is known.
struct StillTaskManager: TaskManagerDiagnostician {
    let newest: Timestamp?

    func examine(_ configuration: HostConfiguration, machine: MachineView) async -> TaskManagerFindings {
        TaskManagerFindings([], newestTime: newest)
    }
}

extension [Diagnosis] {
    func first(_ id: String) -> Diagnosis? { first { $0.id == id } }
}
