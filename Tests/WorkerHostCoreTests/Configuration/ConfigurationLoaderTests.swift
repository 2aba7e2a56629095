import Testing
import WorkerHostCore

@Suite struct ConfigurationLoaderTests {
    @Test func aMinimalFileGetsTheDefaults() throws {
        let loaded = try load(minimal())
        let configuration = loaded.configuration
        #expect(loaded.warnings.isEmpty)
        #expect(configuration.version == "1.0")
        #expect(configuration.stateDirectory == "/srv/app/state")
        #expect(configuration.shutdownTimeout == .seconds(30))
        #expect(configuration.taskManager.kind == .sqlite)
        #expect(configuration.taskManager.path == "/srv/app/state/queue.sqlite")
        #expect(configuration.taskManager.claimTimeout == .seconds(30))
        let worker = try #require(configuration.workers.first)
        #expect(worker.name == "echo")
        #expect(worker.projectPath == "/srv/app/worker")
        #expect(worker.venvPython == "/srv/app/worker/.venv/bin/python")
        #expect(worker.commandLine == ["/srv/app/worker/.venv/bin/python", "-m", "echo.main"])
        #expect(worker.retry.maxAttempts == 3)
        #expect(worker.retry.backoff == .exponentialJitter(initial: .seconds(1), cap: .seconds(300)))
        #expect(worker.mode == .oneshot)
        #expect(worker.metadata == .emptyObject)
    }
}
