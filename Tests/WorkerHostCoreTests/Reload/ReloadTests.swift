import Foundation
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// Another configuration for a host that runs.
@Suite struct ReloadTests {
    /// A worker that answers with a word as soon as the file `go` is in its directory.
    private static func waiting(
        _ name: String, says word: String, in directory: String, types: [String]? = nil, concurrency: Int = 1
    ) -> WorkerConfiguration {
        let script =
            "cat >/dev/null; while [ ! -e go ]; do sleep 0.02; done; echo '{\"success\":true,\"result\":\"\(word)\"}'"
        return WorkerConfiguration(
            name: name, projectPath: directory, command: ["sh", "-c", script], taskTypes: types ?? [name],
            concurrency: concurrency)
    }

    private static func quick(_ name: String, says word: String, types: [String]? = nil) -> WorkerConfiguration {
        WorkerConfiguration(
            name: name, projectPath: "/tmp",
            command: ["sh", "-c", "cat >/dev/null; echo '{\"success\":true,\"result\":\"\(word)\"}'"],
            taskTypes: types ?? [name], concurrency: 1)
    }

    private func directory() throws -> String {
        let path = NSTemporaryDirectory() + "workerhost-reload-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private func open(_ directory: String) throws { try Data().write(to: URL(fileURLWithPath: directory + "/go")) }

    private func attempts(_ fixture: HostFixture, _ ids: String...) async throws -> [Int] {
        var attempts: [Int] = []
        for id in ids { attempts.append(try await fixture.entry(id).attempts) }
        return attempts
    }

    private func configuration(_ fixture: HostFixture, _ workers: [WorkerConfiguration]) -> HostConfiguration {
        var configuration = fixture.host.configuration
        configuration.workers = workers
        return configuration
    }

    private func result(_ fixture: HostFixture, _ id: String) async throws -> String? {
        try await fixture.entry(id).result?.value.text
    }

    @Test func whatRunsIsFinishedAsItWasBegunAndTheNextRunsAsChanged() async throws {
        let place = try directory()
        let fixture = try HostFixture([Self.waiting("A", says: "old", in: place)])
        let run = Task { try await fixture.host.run() }
        let first = await fixture.queue.enqueue(type: "A")
        #expect(await eventually { fixture.events.lines.contains("started-1-A \(first)") })
        let plan = try fixture.host.reload(configuration(fixture, [Self.quick("A", says: "new")]))
        #expect(plan.names(.changed) == ["A"])
        let second = await fixture.queue.enqueue(type: "A")
        // One slot: as long as the old process runs, no new one is started.
        #expect(await eventually { fixture.host.workers.map(\.isLeaving) == [false, true] })
        #expect(fixture.host.workers.map(\.tasksHeld) == [0, 1])
        #expect(try await fixture.entry(second).status == .pending)
        try open(place)
        #expect(try await eventually { try await result(fixture, second) == "\"new\"" })
        #expect(try await result(fixture, first) == "\"old\"")
        #expect(await eventually { fixture.host.workers.map(\.name) == ["A"] }, "the old one retires")
        #expect(await eventually { fixture.events.lines.contains("retired A") })
        fixture.host.shutdown(reason: "test")
        let _: Void = try await run.value
        #expect(try await attempts(fixture, first, second) == [1, 1])
    }

    @Test func workersComeAndGo() async throws {
        let place = try directory()
        let fixture = try HostFixture([Self.waiting("A", says: "a", in: place), Self.quick("B", says: "b")])
        let run = Task { try await fixture.host.run() }
        let running = await fixture.queue.enqueue(type: "A")
        let unknown = await fixture.queue.enqueue(type: "C")
        #expect(await eventually { fixture.events.lines.contains("started-1-A \(running)") })
        try fixture.host.reload(configuration(fixture, [Self.quick("B", says: "b"), Self.quick("C", says: "c")]))
        #expect(try await eventually { try await result(fixture, unknown) == "\"c\"" })
        let left = await fixture.queue.enqueue(type: "A")
        let other = await fixture.queue.enqueue(type: "B")
        #expect(try await eventually { try await result(fixture, other) == "\"b\"" })
        #expect(fixture.host.identity.types == ["B", "C"])
        try open(place)
        #expect(try await eventually { try await result(fixture, running) == "\"a\"" })
        #expect(try await fixture.entry(left).status == .pending, "nobody leases the removed worker's type")
        fixture.host.shutdown(reason: "test")
        let _: Void = try await run.value
    }

    @Test func aShutdownEndsWhatLeavesToo() async throws {
        let place = try directory()
        let fixture = try HostFixture([Self.waiting("A", says: "a", in: place)], shutdownTimeout: .milliseconds(10))
        let run = Task { try await fixture.host.run() }
        let id = await fixture.queue.enqueue(type: "A")
        #expect(await eventually { fixture.events.lines.contains("started-1-A \(id)") })
        try fixture.host.reload(configuration(fixture, [Self.quick("B", says: "b")]))
        fixture.host.shutdown(reason: "test")
        let _: Void = try await run.value
        #expect(try await fixture.entry(id).status == .pending)
        #expect(try await attempts(fixture, id) == [0])
        #expect(fixture.host.tasksHeld == 0)
        #expect(throws: HostError.self) { try fixture.host.reload(fixture.host.configuration) }
    }

    @Test func aConfigurationThatCannotBeUsedChangesNothing() async throws {
        let fixture = try HostFixture([Self.quick("A", says: "a")])
        let before = fixture.host.configuration
        #expect(throws: RegistryError.self) {
            try fixture.host.reload(configuration(fixture, [Self.quick("A", says: "x"), Self.quick("A", says: "y")]))
        }
        var broken = Self.quick("A", says: "x")
        broken.schema = RawJSON(unchecked: Array(#"{"type":"nothing"}"#.utf8))
        #expect(throws: RegistryError.self) { try fixture.host.reload(configuration(fixture, [broken])) }
        #expect(fixture.host.configuration == before)
        let id = await fixture.queue.enqueue(type: "A")
        _ = try await fixture.host.run(untilIdle: true)
        #expect(try await result(fixture, id) == "\"a\"")
    }

    @Test func aHostThatDoesNotRunYetStartsWithTheNewOne() async throws {
        let fixture = try HostFixture([Self.quick("A", says: "old")])
        try fixture.host.reload(configuration(fixture, [Self.quick("A", says: "new")]))
        let id = await fixture.queue.enqueue(type: "A")
        _ = try await fixture.host.run(untilIdle: true)
        #expect(try await result(fixture, id) == "\"new\"")
    }

    /// Each reload exchanges, adds or removes a worker while tasks are leased ahead and run.
    @Test func noTaskIsLostOrRunTwiceByReloadsUnderLoad() async throws {
        func workers(_ round: Int) -> [WorkerConfiguration] {
            var first = FaultChild.configuration(["ok"], name: "first", concurrency: 1 + round % 3, types: ["A"])
            first.environment = ["ROUND": "\(round)"]
            let second = FaultChild.configuration(["ok"], name: "second", concurrency: 2, types: ["A", "B"])
            let third = FaultChild.configuration(["ok"], name: "third", types: ["B"])
            return round % 2 == 0 ? [first, second, third] : [second, first]
        }
        let fixture = try HostFixture(workers(0))
        var ids: [String] = []
        for index in 0..<1500 { ids.append(await fixture.queue.enqueue(type: index % 2 == 0 ? "A" : "B")) }
        let run = Task { try await fixture.host.run(untilIdle: true) }
        for round in 1...10 {
            #expect(await eventually { fixture.host.summary.completed >= round * 120 })
            try fixture.host.reload(configuration(fixture, workers(round)))
        }
        let summary = try await run.value
        #expect(summary.completed == 1500 && summary.failed == 0 && summary.retried == 0 && summary.leasesLost == 0)
        for id in ids { #expect(try await fixture.entry(id).attempts == 1) }
        #expect(await eventually { fixture.host.workers.allSatisfy { !$0.isLeaving } })
    }
}
