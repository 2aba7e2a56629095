import Foundation
import Testing

@testable import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#endif

/// One thing of the machine is broken at a time, and the doctor names it.
struct MachineDoctorTests {
    /// What is broken, and what must be said.
    struct Break: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let id: String
        let status: Diagnosis.Status
        let words: [String]
        let apply: @Sendable (MachineFixture) throws -> Void

        init(
            _ name: String, _ id: String, _ status: Diagnosis.Status, _ words: [String],
            _ apply: @escaping @Sendable (MachineFixture) throws -> Void
        ) {
            testDescription = name
            self.id = id
            self.status = status
            self.words = words
            self.apply = apply
        }
    }

    static let limits: [Break] = [
        Break(
            "few open files", "machine.open_files", .problem,
            ["10 processes at once need about 133 open files", "may have 64", "Raise the soft limit", "LimitNOFILE="]
        ) { $0.limit(.openFiles, soft: 64, hard: 4096) },
        Break("a low hard limit too", "machine.open_files", .problem, ["the hard one (100) too", "ulimit -n 4096"]) {
            $0.limit(.openFiles, soft: 64, hard: 100)
        },
        Break("few processes of the user", "machine.processes", .problem, ["user 1000 may have 20", "LimitNPROC="]) {
            $0.limit(.processes, soft: 20, hard: 20)
        },
        Break("few processes of the group", "machine.processes", .problem, ["has 20 left (pids.max 30)", "TasksMax="]) {
            try $0.group("pids.max", "30")
            try $0.group("pids.current", "10")
        },
        Break("few processes of a group above", "machine.processes", .problem, ["has 5 left (pids.max 5)"]) {
            try $0.write("sys/fs/cgroup/system.slice/pids.max", "5\n")
        },
        Break("core files", "machine.core_files", .warning, ["leaves a core file in its project_path ('core')"]) {
            $0.limit(.coreFile, soft: nil, hard: nil)
        },
        Break("no process descriptors", "machine.kernel", .problem, ["6.1.0-test", "pidfd_open", "Linux 5.4"]) {
            $0.view.processDescriptorError = { ENOSYS }
        },
        Break("no /proc", "machine.proc", .problem, ["/proc cannot be read", "mount -t proc"]) {
            try $0.remove("proc/self/stat")
        },
    ]

    static let memory: [Break] = [
        Break(
            "limits beyond the machine", "machine.memory", .warning,
            ["10 processes at once may use 1000 MiB", "the machine has 512 MiB", "'w' 10 × 100 MiB"]
        ) { try $0.meminfo(total: 512 << 10, available: 512 << 10) },
        Break(
            "limits beyond the group", "machine.memory", .warning,
            ["the cgroup's limit is 256 MiB", "limits.max_memory_mb"]
        ) { try $0.group("memory.max", "\(256 << 20)") },
        Break("limits beyond a group of version 1", "machine.memory", .warning, ["the cgroup's limit is 128 MiB"]) {
            try $0.switchToVersion1(memory: "\(128 << 20)", processes: "max")
        },
        Break("few processes in a group of version 1", "machine.processes", .problem, ["17 left (pids.max 20)"]) {
            try $0.switchToVersion1(memory: "9223372036854771712", processes: "20")
        },
        Break(
            "killed as a whole", "machine.out_of_memory", .warning,
            ["the kernel kills host and workers together", "workerhost.service", "OOMPolicy=continue"]
        ) { try $0.group("memory.oom.group", "1") },
        Break("killed with the slice", "machine.out_of_memory", .warning, ["is 1 in /sys/fs/cgroup/system.slice)"]) {
            try $0.write("sys/fs/cgroup/system.slice/memory.oom.group", "1\n")
        },
        Break("the host goes first", "machine.out_of_memory", .warning, ["takes the host before", "OOMScoreAdjust="]) {
            try $0.write("proc/self/oom_score_adj", "800\n")
        },
    ]

    static let places: [Break] = [
        Break("a full disk", "state_dir.space", .problem, ["10 MiB are free on the disk of", "Make room"]) {
            $0.view.space = { _ in .init(freeBytes: 10 << 20, freeFiles: nil) }
        },
        Break("a disk that is nearly full", "state_dir.space", .warning, ["100 MiB are free"]) {
            $0.view.space = { _ in .init(freeBytes: 100 << 20, freeFiles: nil) }
        },
        Break("no inodes", "state_dir.space", .problem, ["0 more files can be made", "df -i"]) {
            $0.view.space = { _ in .init(freeBytes: 10 << 30, freeFiles: 0) }
        },
        Break("a network file system", "state_dir.file_system", .problem, ["network file system (nfs4)", "local disk"])
        {
            try $0.mounts(fileSystem: "nfs4")
        },
        Break("a doubtful file system", "state_dir.file_system", .warning, ["(fuse.something) that may not support"]) {
            try $0.mounts(fileSystem: "fuse.something")
        },
        Break("a file in its place", "state_dir", .problem, ["/s is not a directory", "set state_dir"]) {
            try $0.remove("s")
            try $0.write("s", "")
        },
        Break("a link that leads nowhere", "state_dir", .problem, ["is a symbolic link to nowhere, which does not"]) {
            try $0.remove("s")
            try FileManager.default.createSymbolicLink(atPath: $0.state, withDestinationPath: "nowhere")
        },
        Break("a file above it", "state_dir", .problem, ["/f/s/t does not exist, and cannot be made in", "Create it"]) {
            try $0.write("f", "")
            $0.state = $0.root + "/f/s/t"
        },
        Break("a directory that takes no files", "state_dir", .problem, ["no file can be written in /proc/sys: "]) {
            $0.state = "/proc/sys"
        },
        Break("a clock of another age", "machine.clock", .problem, ["1970-01-02", "before this program was made"]) {
            $0.view.now = { Timestamp(microseconds: 86_400_000_000) }
        },
    ]

    @Test(arguments: limits + memory + places)
    func namesWhatIsBroken(_ broken: Break) async throws {
        let fixture = try MachineFixture()
        try broken.apply(fixture)
        let diagnoses = await fixture.examine()
        let found = try #require(diagnoses.first(broken.id), "\(diagnoses)")
        #expect(found.status == broken.status)
        for word in broken.words {
            #expect("\(found.message) \(found.advice ?? "")".contains(word), "'\(word)' in \(found)")
        }
        let others = diagnoses.filter { $0.status != .ok && $0.id != broken.id }
        #expect(others.isEmpty, "nothing else is broken: \(others)")
        for diagnosis in diagnoses {
            #expect((diagnosis.advice != nil) == (diagnosis.status != .ok), "\(diagnosis)")
            #expect(diagnosis.advice?.first?.isLowercase != true, "\(diagnosis)")
            #expect(!diagnosis.message.hasSuffix("."), "\(diagnosis)")
        }
    }

    @Test func aHealthyMachineHasNothingToSay() async throws {
        let fixture = try MachineFixture()
        let diagnoses = await fixture.examine()
        #expect(diagnoses.allSatisfy { $0.status == .ok && $0.advice == nil }, "\(diagnoses)")
        #expect(diagnoses.first("machine.memory")?.message.contains("8 GiB of 16 GiB memory free, no swap") == true)
        #expect(diagnoses.first("machine.kernel")?.facts["cgroup_version"] == .number(2))
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.state).isEmpty, "the probe is removed")
    }

    @Test func aClockThatWasSetBackIsSeenByTheQueue() async throws {
        let fixture = try MachineFixture()
        let diagnoses = await fixture.examine(newest: Timestamp.now.advanced(by: .seconds(3 * 86_400)))
        let clock = try #require(diagnoses.first("machine.clock"))
        #expect(clock.status == .warning)
        #expect(clock.message.contains("2 days later: it was set back"), "\(clock)")
        #expect(await fixture.examine(newest: .now).first("machine.clock")?.status == .ok)
    }

    @Test func aStateDirectoryThatIsTooDeepForSocketsIsNamed() async throws {
        let fixture = try MachineFixture()
        let deep = "s/" + String(repeating: "d", count: 60)
        try fixture.write("\(deep)/x", "")
        let configuration = HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite), workers: [],
            stateDirectory: "\(fixture.root)/\(deep)")
        let diagnoses = await Doctor(configuration, environment: [:], machine: fixture.view).examine()
        let found = try #require(diagnoses.first("state_dir.length"))
        #expect(found.status == .warning)
        #expect(found.message.contains("too many for sockets"))
        #expect(found.advice?.contains("a path of at most 45 bytes") == true, "\(found)")
    }

    @Test func whatDeadHostsLeftIsNamedAndLeftAlone() async throws {
        let fixture = try MachineFixture()
        try FileManager.default.createDirectory(atPath: fixture.state + "/hosts", withIntermediateDirectories: true)
        do {
            let recorder = try FlightRecorder(directory: fixture.state + "/hosts", hostID: "dead")
            recorder.slot()?.begin(taskID: "17", leaseToken: "t")
            #expect(await fixture.examine().first("state_dir.leftovers") == nil, "a living host leaves nothing")
        }
        try fixture.write("s/tmp/gone/1-0/file", "")
        // A process that another test is just starting holds the recorder's lock until it has become another program.
        #expect(
            await eventually {
                await fixture.examine().first("state_dir.leftovers")?.message
                    .contains("1 host that died, with 1 task that ran") == true
            })
        let found = try #require(await fixture.examine().first("state_dir.leftovers"))
        #expect(found.status == .ok)
        #expect(found.message.contains("1 temporary directory of dead hosts"), "\(found)")
        #expect(FileManager.default.fileExists(atPath: fixture.state + "/hosts/dead.flight"))
        #expect(FileManager.default.fileExists(atPath: fixture.state + "/tmp/gone/1-0/file"))
    }

    @Test func aTaskManagerThatDoesNotAnswerIsNotWaitedFor() async throws {
        struct Silent: TaskManagerDiagnostician {
            let end = Signal()
            func examine(_ configuration: HostConfiguration, machine: MachineView) async -> TaskManagerFindings {
                await end.wait()
                return TaskManagerFindings([])
            }
        }
        let fixture = try MachineFixture()
        let configuration = HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite), workers: [], stateDirectory: fixture.state)
        let diagnoses = await Doctor(
            configuration, environment: [:], taskManager: Silent(), machine: fixture.view,
            deadlines: .init(look: .milliseconds(300))
        ).examine()
        #expect(diagnoses.first("task_manager")?.message == "could not be looked at within 300 ms")
    }

    @Test func aLogThatCannotBeWrittenIsNamed() async throws {
        let fixture = try MachineFixture()
        var configuration = HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite), workers: [], stateDirectory: fixture.state)
        configuration.logging.file = fixture.root + "/nowhere/host.log"
        let broken = await Doctor(configuration, environment: [:], machine: fixture.view).examine().first("logging")
        #expect(broken?.status == .problem)
        #expect(broken?.message.contains("no file can be made in \(fixture.root)/nowhere") == true)
        configuration.logging.file = fixture.root + "/host.log"
        let fine = await Doctor(configuration, environment: [:], machine: fixture.view).examine().first("logging")
        #expect(fine?.status == .ok)
    }
}
