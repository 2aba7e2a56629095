import Foundation
import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

/// One thing of a queue is broken at a time, and the doctor names it.
struct DiagnosticianTests {
    private let fixture: QueueFixture
    private var machine = MachineView.real

    init() throws {
        fixture = try QueueFixture()
        machine.space = { _ in .init(freeBytes: 10 << 30, freeFiles: nil) }
    }

    private func examine(
        at path: String? = nil, types: [String] = ["T"], unknown: TaskManagerConfiguration.UnknownTypes = .fail,
        machine: MachineView? = nil
    ) async -> TaskManagerFindings {
        let worker = WorkerConfiguration(name: "w", projectPath: "/", command: ["true"], taskTypes: types)
        let configuration = HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite, unknownTypes: unknown), workers: [worker],
            stateDirectory: fixture.directory + "/state")
        let options = SQLiteTaskManager.Options(busyTimeout: .milliseconds(50))
        return await SQLiteDiagnostician(path: path ?? fixture.path, options: options)
            .examine(configuration, machine: machine ?? self.machine)
    }

    private func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.directory)
        where !name.hasSuffix("-shm") {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: fixture.directory + "/" + name))
        }
        return files
    }

    @Test func `A healthy queue is looked at and left as it was`() async throws {
        let queue = try fixture.open { $0.now = { .now } }
        _ = try await queue.add(2)
        let open = try files()
        #expect(open.keys.contains("queue.sqlite-wal"))
        let first = await examine()
        #expect(first.diagnoses.map(\.status) == [.ok], "\(first)")
        #expect(first.diagnoses[0].message.contains("can be read and written; 2 waiting, 0 running, 0 failed"))
        #expect(first.newestTime.map { $0.duration(to: .now) < .seconds(600) } == true)
        #expect(try files() == open)
        await queue.shutdown()
        let closed = try files()
        #expect(await examine().diagnoses.map(\.status) == [.ok])
        #expect(try files() == closed, "no log and no index is left behind")
    }

    @Test func `A queue that is not there yet is none of the doctor's business`() async throws {
        for path in [fixture.path, fixture.directory + "/state/queue.sqlite"] {
            let found = await examine(at: path).diagnoses
            #expect(found.map(\.status) == [.ok])
            #expect(found[0].message.contains("does not exist yet"))
        }
        #expect(try files().isEmpty)
    }

    @Test func `What cannot be a queue is named with the queue's own errors`() async throws {
        let missing = await examine(at: fixture.directory + "/no/queue.sqlite").diagnoses
        #expect(missing.map(\.status) == [.problem])
        #expect(missing[0].facts["code"] == .text("directoryMissing"))
        #expect(missing[0].advice?.contains("task_manager.path") == true)

        try Data(String(repeating: "no database\n", count: 500).utf8).write(to: URL(fileURLWithPath: fixture.path))
        #expect(await examine().diagnoses.first?.facts["code"] == .text("notADatabase"))

        try FileManager.default.removeItem(atPath: fixture.path)
        try await DatabaseQueue(path: fixture.path).write { try $0.execute(sql: "CREATE TABLE ideas (id INTEGER)") }
        let before = try files()
        #expect(await examine().diagnoses.first?.facts["code"] == .text("foreignDatabase"))
        #expect(try files() == before)
    }

    @Test func `Newer, older and damaged queues are told apart`() async throws {
        let manager = try fixture.open()
        _ = try await manager.add(500)
        await manager.shutdown()
        let url = URL(fileURLWithPath: fixture.path)
        let bytes = try Data(contentsOf: url)
        let database = try DatabaseQueue(path: fixture.path)
        try await database.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 future')")
        }
        let newer = await examine().diagnoses
        #expect(newer.map(\.status) == [.problem])
        #expect(newer.first?.facts["code"] == .text("newerSchema"))

        try await database.write { try $0.execute(sql: "DELETE FROM grdb_migrations") }
        try database.close()
        let older = await examine().diagnoses.first { $0.id == "task_manager.schema" }
        #expect(older?.status == .warning)
        #expect(older?.advice?.contains(".backup copy.sqlite") == true)

        var damaged = bytes
        damaged.replaceSubrange(20_480..<28_672, with: Data(repeating: 0xA5, count: 8192))
        try damaged.write(to: url)
        let found = await examine().diagnoses
        #expect(found.map(\.status) == [.problem], "\(found)")
        #expect(found.first?.message.contains("is damaged") == true)
        #expect(try Data(contentsOf: url) == damaged)
    }

    @Test func `A write lock that somebody holds is named`() async throws {
        let manager = try fixture.open()
        _ = try await manager.add(1)
        let holder = try LockHolder(path: fixture.path)
        let found = await examine().diagnoses
        holder.release()
        #expect(found.map(\.status) == [.warning], "\(found)")
        #expect(found.first?.facts["code"] == .text("locked"))
        #expect(found.first?.advice?.contains("fuser") == true)
        #expect(await examine().diagnoses.map(\.status) == [.ok])
    }

    @Test func `Full disks and network file systems are named`() async throws {
        await (try fixture.open()).shutdown()
        var full = machine
        full.space = { _ in .init(freeBytes: 5 << 20, freeFiles: nil) }
        let space = await examine(machine: full).diagnoses
        #expect(space.map(\.id) == ["task_manager.space"])
        #expect(space.map(\.status) == [.problem])

        var status = stat()
        _ = stat(fixture.directory, &status)
        let device = UInt64(status.st_dev)
        let number = "\(device >> 8 & 0xFFF):\((device & 0xFF) | (device >> 12 & 0xFFFF_FF00))"
        let root = fixture.directory + "/root"
        try FileManager.default.createDirectory(atPath: root + "/proc/self", withIntermediateDirectories: true)
        try "36 22 \(number) / / rw - nfs4 server:/x rw\n"
            .write(toFile: root + "/proc/self/mountinfo", atomically: false, encoding: .utf8)
        var network = machine
        network.root = root
        let kind = await examine(machine: network).diagnoses
        #expect(kind.map(\.id) == ["task_manager.file_system"])
        #expect(kind.first?.message.contains("network file system (nfs4)") == true)
    }

    @Test func `Tasks that nobody can run are named, and what becomes of them`() async throws {
        let manager = try fixture.openImpatient()
        _ = try await manager.add(3, type: "Text.Scores")
        _ = try await manager.add(1)
        let fails = await examine(types: ["T", "Text.Score"]).diagnoses.filter { $0.status != .ok }
        #expect(fails.map(\.status) == [.problem])
        #expect(
            fails.first?.message
                == "3 tasks of type 'Text.Scores' wait, and no worker has that type: the next start fails them with "
                + "no_worker")
        #expect(fails.first?.advice?.contains("there is 'Text.Score'") == true)
        let leaves = await examine(unknown: .leave).diagnoses.filter { $0.status != .ok }
        #expect(leaves.map(\.status) == [.warning])
        #expect(await examine(types: ["T", "Text.*"]).diagnoses.map(\.status) == [.ok])
        // Another host that lives may run them.
        try await manager.start(HostIdentity(id: "other", pid: getpid(), types: ["Text.*"]))
        let shared = await examine().diagnoses
        #expect(shared.allSatisfy { $0.status == .ok }, "\(shared)")
        #expect(shared.last?.message.contains("another host is at work on it (process \(getpid()))") == true)
    }

    @Test func `A host that died is told from one that lives`() async throws {
        let manager = try fixture.open()
        // No process has this number: the kernel's largest is 2^22.
        try await manager.start(HostIdentity(id: "dead", pid: 1 << 23, types: ["*"]))
        let found = await examine().diagnoses
        #expect(found.last?.id == "task_manager.dead_hosts")
        #expect(found.last?.message.contains("died and had 0 tasks leased") == true, "\(found)")
    }
}
