import Testing
import WorkerHostCore

@Suite struct KeysTests {
    private func loadOriginal() throws -> LoadedConfiguration {
        try load(originalKeys, environment: ["TASKMANAGER_API_KEY": "s3cret"])
    }

    @Test func originalTaskManagerAndLogging() throws {
        let configuration = try loadOriginal().configuration
        let manager = configuration.taskManager
        #expect(manager.url == "http://localhost:8000/api")
        #expect(manager.apiKey?.revealed == "s3cret")
        #expect("\(configuration)".contains("s3cret") == false)
        #expect(manager.pollInterval == .seconds(5))
        #expect(manager.timeout == .seconds(30))
        #expect(manager.maxRetries == 4)
        #expect(manager.retryBackoff == .seconds(2))
        let logging = configuration.logging
        #expect(logging.level == .warning)
        #expect(logging.format == "%(asctime)s - %(name)s - %(levelname)s - %(message)s")
        #expect(logging.file == "/srv/app/logs/host.log")
        #expect(logging.maxBytes == 10_485_760)
        #expect(logging.backupCount == 7)
        #expect(logging.structured)
        #expect(!logging.captureWorkerOutput)
    }

    @Test func originalWorkers() throws {
        let worker = try #require(try loadOriginal().configuration.workers.first)
        #expect(worker.description == "Scrapes videos")
        #expect(worker.projectPath == "/srv/app/../YouTube")
        #expect(worker.commandLine == ["/srv/app/../YouTube/venv/bin/python", "-m", "src.worker", "process_task"])
        #expect(worker.taskTypes == ["YouTube.*", "Video.Scrape"])
        #expect(worker.timeout == .seconds(600))
        #expect(worker.retry.maxAttempts == 5)
        #expect(worker.retry.backoff.initial == .seconds(2))
        #expect(worker.limits.maxMemoryMiB == 512)
        #expect(worker.inheritedEnvironment == ["LANG", "HTTP_PROXY"])
        #expect(
            worker.metadata.text
                == #"{"team":"content","weight":1.50,"big":12345678901234567890,"on":"yes","tags":["a",null,true]}"#)
    }

    @Test func originalMonitoringAndAdvanced() throws {
        let configuration = try loadOriginal().configuration
        #expect(configuration.monitoring.metrics == .init(enabled: true, port: 9091, path: "/m"))
        #expect(configuration.monitoring.healthCheck == .init(enabled: false, port: 8081, path: "/h"))
        #expect(configuration.monitoring.observers.map(\.kind) == [.logging, .metrics, .alerting])
        #expect(configuration.monitoring.observers.map(\.enabled) == [true, true, false])
        #expect(configuration.workerPool.enabled)
        #expect(configuration.workerPool.minWorkers == 1)
        #expect(configuration.workerPool.maxWorkers == 10)
        #expect(configuration.workerPool.idleTimeout == .seconds(300))
        #expect(!configuration.security.validateWorkerPaths)
        #expect(configuration.security.restrictedModules == ["os", "subprocess"])
    }

    @Test func whatHasNoEffectIsSaid() throws {
        let warnings = try loadOriginal().warnings.map(\.description)
        #expect(
            warnings == [
                "host.yaml:4:3: task_manager.url: a TaskManager of type sqlite does not use this key",
                "host.yaml:5:3: task_manager.api_key: a TaskManager of type sqlite does not use this key",
                "host.yaml:35:3: monitoring.metrics: this version does not act on this key: nothing is served over HTTP",
                "host.yaml:40:7: monitoring.observers[1].type: this version does not act on this key: "
                    + "there is no 'metrics' observer yet",
                "host.yaml:46:41: advanced.resource_limits.max_cpu_percent: this version does not act on this key: "
                    + "processor time is not limited",
            ])
    }

    @Test func addedKeysAreRead() throws {
        let loaded = try load(addedKeys)
        let configuration = loaded.configuration
        #expect(configuration.stateDirectory == "/var/lib/workerhost")
        #expect(configuration.shutdownTimeout == .seconds(60))
        let manager = configuration.taskManager
        #expect(manager.path == "/srv/app/data/queue.sqlite")
        #expect(manager.pollInterval == .milliseconds(250))
        #expect(manager.claimTimeout == .seconds(120))
        #expect(manager.retries == .host)
        #expect(manager.unknownTypes == .leave)
        #expect(manager.durability == .power)
        let worker = try #require(configuration.workers.first)
        #expect(worker.commandLine == ["/usr/bin/env", "-i", "7", "true"])
        #expect(worker.projectPath == "/srv/app")
        #expect(worker.timeout == .seconds(86_400))
        #expect(worker.stopGrace == .milliseconds(500))
        #expect(worker.retry.backoff == .exponentialJitter(initial: .seconds(3), cap: .seconds(600)))
        #expect(worker.mode == .pool)
        #expect(worker.format == .msgpack)
        #expect(worker.concurrency == 3)
        #expect(
            worker.limits
                == .init(maxMemoryMiB: 64, maxReplyBytes: 4096, keptErrorBytes: 0, maxOpenFiles: 100))
        #expect(worker.environment == ["PORT": "8080", "EMPTY": "", "FLAG": "yes", "TEXT": "a b"])
        #expect(worker.inheritedEnvironment == ["HOME"])
        #expect(worker.pool == PoolSettings(pipeline: 32))
        #expect(worker.sandbox?.text == #"{"network":false}"#)
        #expect(
            worker.schema?.text
                == #"{"type":"object","required":["topic"],"properties":{"topic":{"type":"string","pattern":"^a$"}}}"#)
        #expect(loaded.warnings.map(\.keyPath) == ["sandbox"].map { "workers[0].\($0)" })
        #expect(
            loaded.warnings.first?.message
                == "this version does not act on this key: the worker runs with the rights of the host")
    }

    @Test func keysThatWouldHaveNoEffectAnywayAreNotWarnedAbout() throws {
        let rest = """
            monitoring: {enabled: false, metrics_port: 9090, observers: [{type: alerting, enabled: false}]}
            advanced: {worker_pool: {enabled: false, max_workers: 3}}
            """
        #expect(try load(minimal(worker: "mode: oneshot\nformat: json\nsandbox: false", rest: rest)).warnings.isEmpty)
    }
}

@Suite struct RetentionKeysTests {
    private func keep(_ text: String) throws -> TaskManagerConfiguration.Retention {
        try load(minimal().replacing("type: sqlite", with: "type: sqlite\n  keep: \(text)")).configuration.taskManager
            .keep
    }

    @Test func completedTasksAreKeptForAWeekAndDeadLettersForEver() throws {
        let keep = try load(minimal()).configuration.taskManager.keep
        #expect(keep == TaskManagerConfiguration.Retention())
        #expect(keep.completed == .seconds(7 * 86_400) && keep.maxCompleted == 100_000)
        #expect(keep.failed == nil && keep.maxFailed == nil)
    }

    @Test func eachRuleCanBeSetAndTakenAway() throws {
        let some = try keep("{completed: 1d, max_completed: 5, failed: 30d, max_failed: 0}")
        #expect(
            some == .init(completed: .seconds(86_400), maxCompleted: 5, failed: .seconds(30 * 86_400), maxFailed: 0))
        #expect(try keep("{completed: forever, max_completed: unlimited}") == .everything)
    }

    @Test func whatElseMayStandThereIsSaid() {
        let text = minimal().replacing(
            "type: sqlite", with: "type: sqlite\n  keep: {completed: soon, max_failed: many, complted: 1d}")
        #expect(
            errors(text) == [
                "host.yaml:3:21: task_manager.keep.completed: this is the text \"soon\"; expected a number of seconds, "
                    + "or a text like 250ms, 30s, 5m, 2h or 1d, or forever",
                "host.yaml:3:39: task_manager.keep.max_failed: this is the text \"many\"; expected a whole number of at "
                    + "least 0, or unlimited",
                "host.yaml:3:45: task_manager.keep.complted: unknown key; did you mean 'completed'?",
            ])
    }
}
