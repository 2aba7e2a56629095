import Foundation
import Logging
import Testing
import WorkerHostTesting

@testable import WorkerHostCore

/// A configuration file that is loaded again while its host runs.
@Suite struct ConfigurationReloaderTests {
    /// A host that was made from a file.
    private struct Fixture {
        let directory: String
        let file: String
        let host: WorkerHost
        let events = RecordingObserver()
        let loads = Guarded(0)
        let loader = ConfigurationLoader(environment: ["PATH": "/usr/bin:/bin"])

        init(link: Bool = false) throws {
            directory = NSTemporaryDirectory() + "workerhost-reloader-\(UUID().uuidString)"
            file = directory + "/workerhost.yaml"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            if link {
                // As Kubernetes mounts a ConfigMap.
                try FileManager.default.createDirectory(atPath: directory + "/..1", withIntermediateDirectories: true)
                try Self.text("a").write(toFile: directory + "/..1/workerhost.yaml", atomically: false, encoding: .utf8)
                try FileManager.default.createSymbolicLink(
                    atPath: directory + "/..data", withDestinationPath: "..1")
                try FileManager.default.createSymbolicLink(
                    atPath: file, withDestinationPath: "..data/workerhost.yaml")
            } else {
                try Self.text("a").write(toFile: file, atomically: false, encoding: .utf8)
            }
            host = try WorkerHost(
                configuration: loader.load(file: file).configuration, taskManager: MemoryTaskManager(),
                observers: [events], environment: [:], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        static func text(_ names: String..., more: String = "") -> String {
            "task_manager: {type: sqlite}\n\(more)\nworkers:\n"
                + names.map { "  - {name: \($0), command: [/bin/true], task_types: [\($0)]}\n" }.joined()
        }

        var names: [String] { host.configuration.workers.map(\.name) }

        func write(_ text: String, atomically: Bool = true) throws {
            try text.write(toFile: file, atomically: atomically, encoding: .utf8)
        }

        /// Runs the host and a reloader around `body`.
        func run(watching: Bool = false, _ body: (ConfigurationReloader) async throws -> Void) async throws {
            let reloader = try ConfigurationReloader(
                host: host, loader: loader, file: file, watchesFile: watching
            ) { [loads] _, _ in loads.withLock { $0 += 1 } }
            try reloader.start()
            let run = Task { try await host.run() }
            #expect(await eventually { reloader.isReady && host.workers.count == 1 })
            try await body(reloader)
            host.shutdown(reason: "test")
            let _: Void = try await run.value
            await reloader.stop()
        }
    }

    @Test func aFileIsTakenWhenItIsAskedFor() async throws {
        let fixture = try Fixture()
        try await fixture.run { reloader in
            try fixture.write(Fixture.text("a", "b"))
            reloader.reload()
            #expect(await eventually { fixture.names == ["a", "b"] })
            reloader.reload()
            #expect(await eventually { fixture.events.lines.contains("reloaded 0") }, "nothing has changed")
        }
    }

    @Test func aBadFileIsRefusedWithAllItsErrors() async throws {
        let fixture = try Fixture()
        try await fixture.run { reloader in
            try fixture.write(Fixture.text("a", more: "logging: {levle: INFO}\nshutdown_timeout: soon"))
            reloader.reload()
            #expect(await eventually { fixture.events.lines.contains { $0.hasPrefix("refused") } })
            let refusal = try #require(fixture.events.lines.first { $0.hasPrefix("refused") })
            #expect(refusal.contains("logging.levle: unknown key; did you mean 'level'?"))
            #expect(refusal.contains("shutdown_timeout"))
            #expect(fixture.names == ["a"])
            try FileManager.default.removeItem(atPath: fixture.file)
            reloader.reload()
            #expect(await eventually { fixture.events.lines.contains { $0.contains("does not exist") } })
            try fixture.write(Fixture.text("b"))
            reloader.reload()
            #expect(await eventually { fixture.names == ["b"] })
        }
    }

    @Test func aWorkerThatRunsIsNotExchangedForOneThatCannotBeStarted() async throws {
        let fixture = try Fixture()
        try await fixture.run { reloader in
            let bad = Fixture.text("a").replacingOccurrences(of: "/bin/true", with: "/bin/nosuchprogram")
            try fixture.write(bad)
            reloader.reload()
            #expect(
                await eventually {
                    fixture.events.lines.contains {
                        $0.hasPrefix("refused worker 'a': command: ") && $0.contains("nosuchprogram does not exist")
                    }
                })
            #expect(fixture.host.configuration.workers.first?.command == ["/bin/true"])
            try fixture.write("advanced: {security: {validate_worker_paths: false}}\n" + bad)
            reloader.reload()
            #expect(await eventually { fixture.host.configuration.workers.first?.command == ["/bin/nosuchprogram"] })
        }
    }

    @Test(arguments: [true, false])
    func aChangedFileIsSeen(_ atomically: Bool) async throws {
        let fixture = try Fixture()
        try await fixture.run(watching: true) { _ in
            try fixture.write(Fixture.text("a", "b"), atomically: atomically)
            #expect(await eventually { fixture.names == ["a", "b"] })
            try fixture.write("workers: [", atomically: atomically)
            #expect(await eventually { fixture.events.lines.contains { $0.hasPrefix("refused") } })
            try fixture.write(Fixture.text("c"), atomically: atomically)
            #expect(await eventually { fixture.names == ["c"] })
        }
    }

    @Test func aFileThatIsOnlyTouchedIsNotLoaded() async throws {
        let fixture = try Fixture()
        try await fixture.run(watching: true) { _ in
            try fixture.write(Fixture.text("a"))
            try fixture.write(Fixture.text("a", "b"))
            #expect(await eventually { fixture.names == ["a", "b"] })
            #expect(await eventually { fixture.loads.withLock { $0 } == 1 })
        }
    }

    @Test func aMountedDirectoryThatIsExchangedIsSeen() async throws {
        let fixture = try Fixture(link: true)
        try await fixture.run(watching: true) { _ in
            let new = fixture.directory + "/..2"
            try FileManager.default.createDirectory(atPath: new, withIntermediateDirectories: true)
            try Fixture.text("a", "b").write(toFile: new + "/workerhost.yaml", atomically: false, encoding: .utf8)
            try FileManager.default.createSymbolicLink(
                atPath: fixture.directory + "/..data.new", withDestinationPath: "..2")
            #expect(rename(fixture.directory + "/..data.new", fixture.directory + "/..data") == 0)
            #expect(await eventually { fixture.names == ["a", "b"] })
        }
    }
}
