import Testing
import WorkerHostCore

/// Where each value comes from.
@Suite struct ExplainTests {
    private func explain(_ text: String, environment: [String: String] = [:]) -> ConfigurationExplanation {
        ConfigurationLoader(environment: environment).explain(text: text, name: "host.yaml", baseDirectory: "/srv/app")
    }

    /// The fixtures with all keys, in one file.
    private static let files = [
        ("nothing but what is needed", minimal()), ("the original keys", originalKeys), ("the added keys", addedKeys),
    ]

    @Test(arguments: files)
    func everyKeyIsExplainedWhetherItIsSetOrNot(_ name: String, _ text: String) {
        let explanation = explain(text, environment: ["TASKMANAGER_API_KEY": "s3cret"])
        #expect(explanation.errors == [])
        let explained = Set(explanation.facts.map(\.schemaPath))
        for key in ConfigurationLoader.knownKeys {
            let isSection = explained.contains { $0.hasPrefix("\(key).") }
            #expect(explained.contains(key) || isSection, "\(name): \(key)")
        }
        #expect(explanation.facts.allSatisfy { !$0.expectation.isEmpty && !$0.text.contains("s3cret") })
        #expect(Set(explanation.facts.map(\.keyPath)).count == explanation.facts.count, "each key once")
    }

    /// All that the configuration holds, beside what is explained: there is one truth.
    @Test(arguments: files)
    func whatIsExplainedIsWhatTheHostUses(_ name: String, _ text: String) throws {
        let explanation = explain(text, environment: ["TASKMANAGER_API_KEY": "s3cret"])
        let configuration = try #require(explanation.configuration)
        for (key, value) in Self.truth(configuration) {
            #expect(explanation[key]?.text == value, "\(name): \(key)")
        }
    }

    @Test func aPlaceInTheFile() throws {
        let fact = try #require(explain(minimal(worker: "timeout: 10m"))["workers[0].timeout"])
        #expect(fact.origin == .file(line: 9, column: 14))
        #expect(fact.text == "600s" && fact.standardText == "300s")
        #expect(fact.expectation == "a number of seconds, or a text like 250ms, 30s, 5m, 2h or 1d, from 1ms to 366d")
        #expect(fact.overrideVariable == nil)
    }

    @Test func aVariableThatOverridesTheFile() throws {
        let explanation = explain(
            minimal(rest: "logging: {level: INFO}\n"),
            environment: ["WORKERHOST_LOGGING_LEVEL": "debug", "WORKERHOST_STATE_DIR": "elsewhere"])
        let level = try #require(explanation["logging.level"])
        #expect(level.origin == .environment(variable: "WORKERHOST_LOGGING_LEVEL"))
        #expect(level.overridden == .file(line: 9, column: 18))
        #expect(level.text == "DEBUG")
        let path = try #require(explanation["task_manager.path"])
        #expect(path.text == "/srv/app/elsewhere/queue.sqlite")
        #expect(path.origin == .standard(from: "state_dir"))
        #expect(explanation["state_dir"]?.overridden == nil)
    }

    @Test func everyKeyOutsideWorkersNamesAVariableThatOverridesIt() {
        for fact in explain(originalKeys, environment: ["TASKMANAGER_API_KEY": "x"]).facts {
            #expect((fact.overrideVariable == nil) == fact.keyPath.hasPrefix("workers["), "\(fact.keyPath)")
        }
        let facts = explain(minimal())
        #expect(facts["task_manager.api_key"]?.overrideVariable == "WORKERHOST_TASKMANAGER_API_KEY")
        #expect(facts["state_dir"]?.overrideVariable == "WORKERHOST_STATE_DIR")
        #expect(
            facts["advanced.security.restricted_modules"]?.overrideVariable
                == "WORKERHOST_ADVANCED_SECURITY_RESTRICTED_MODULES")
        #expect(facts["monitoring.metrics_port"]?.overrideVariable == "WORKERHOST_MONITORING_METRICS_PORT")
    }

    @Test func substitutionsNameTheirVariables() throws {
        let text = minimal(worker: "timeout: ${T:-5m}\ndescription: \"${A}-${B}-${A}\"")
        let explanation = explain(text, environment: ["A": "one", "B": "two"])
        let timeout = try #require(explanation["workers[0].timeout"])
        #expect(timeout.substitutions == [.init(variable: "T", isFallback: true)])
        #expect(timeout.text == "300s")
        let description = try #require(explanation["workers[0].description"])
        #expect(description.substitutions == [.init(variable: "A"), .init(variable: "B")])
        #expect(description.text == "one-two-one")
    }

    @Test func whatADefaultFollows() throws {
        let rest =
            "advanced:\n  resource_limits: {max_memory_mb: 77}\n  security: {allow_environment_variables: [TZ]}\n"
        let text = minimal(worker: "retry_backoff_max: 4s", rest: rest)
            .replacing("type: sqlite", with: "type: sqlite\n  retry_backoff: 10s")
        let explanation = explain(text)
        func origin(_ key: String) -> (String?, ConfigurationFact.Origin?) {
            (explanation[key]?.text, explanation[key]?.origin)
        }
        #expect(origin("workers[0].retry_backoff") == ("4s", .standard(from: "workers[0].retry_backoff_max")))
        #expect(
            origin("workers[0].limits.max_memory_mb")
                == ("77", .standard(from: "advanced.resource_limits.max_memory_mb")))
        #expect(
            origin("workers[0].inherit_environment")
                == (#"["TZ"]"#, .standard(from: "advanced.security.allow_environment_variables")))
        #expect(origin("workers[0].limits.max_open_files") == ("the host's own soft limit", .standard(from: nil)))
        #expect(explanation["workers[0].concurrency"]?.origin == .standard(from: "the number of processor cores"))
        let raised = explain(minimal(worker: "retry_backoff: 1h"))
        #expect(raised["workers[0].retry_backoff_max"]?.origin == .standard(from: "workers[0].retry_backoff"))
        #expect(raised["workers[0].retry_backoff_max"]?.text == "3600s")
    }

    @Test func secretsAreNotShown() {
        let worker = """
            environment: {PLAIN: shown, API_TOKEN: hunter1, FILLED: "${ANY}", AT: "amqp://me:hunter2@host/x"}
            metadata: {password: hunter3, note: "${ANY}", team: shown}
            description: "${DB_PASSWORD}"
            """
        let text = minimal(worker: worker).replacing(
            "type: sqlite", with: "type: sqlite\n  url: \"http://me:hunter4@host\"\n  api_key: hunter5")
        let explanation = explain(
            text, environment: ["ANY": "hunter6", "DB_PASSWORD": "hunter7"])
        #expect(explanation.errors == [])
        #expect(!"\(explanation.facts)".contains("hunter"))
        func shown(_ key: String) -> String? { explanation[key]?.text }
        #expect(shown("workers[0].environment.PLAIN") == "shown")
        #expect(shown("workers[0].environment.API_TOKEN") == "***")
        #expect(shown("workers[0].environment.FILLED") == "***")
        #expect(shown("workers[0].environment.AT") == "amqp://me:***@host/x")
        #expect(shown("workers[0].metadata") == #"{"password":"***","note":"***","team":"shown"}"#)
        #expect(shown("workers[0].description") == "***")
        #expect(shown("task_manager.url") == "http://me:***@host")
        #expect(shown("task_manager.api_key") == "***")
        let command = minimal().replacing(
            "venv_python: worker/.venv/bin/python\n    module: echo.main", with: "command: [prog, \"${ANY}\", two]")
        #expect(
            explain(command, environment: ["ANY": "hunter"])["workers[0].command"]?.text == #"["prog", "***", "two"]"#)
        #expect(
            explain(minimal(), environment: ["WORKERHOST_TASKMANAGER_API_KEY": "hunter"])["task_manager.api_key"]?.text
                == "***")
    }

    @Test(arguments: [
        ("workers[0].timeout", ["workers[0].timeout"]), ("workers.echo.timeout", ["workers[0].timeout"]),
        ("workers[echo].timeout", ["workers[0].timeout"]),
        ("workers.a.b.timeout", ["workers[1].timeout"]),
        ("workers[].timeout", ["workers[0].timeout", "workers[1].timeout"]),
        (
            "workers.a.b.limits",
            ["max_memory_mb", "max_reply_bytes", "kept_error_bytes", "max_open_files"]
                .map { "workers[1].limits.\($0)" }
        ),
        ("workers[2].timeout", []), ("workers.nobody.timeout", []), ("time", []), ("logging.lev", []), ("", []),
    ])
    func keysAreFound(_ key: String, _ expected: [String]) {
        let text = minimal(rest: "  - {name: a.b, command: [x], task_types: [X]}\n")
        #expect(explain(text).facts(at: key).map(\.keyPath) == expected)
    }

    @Test func sectionsAreFound() {
        let explanation = explain(minimal())
        #expect(explanation.facts(at: "logging").count == 7)
        #expect(explanation.facts(at: "workers").count == explanation.facts(at: "workers[0]").count)
        #expect(explanation.facts(at: "workers[]").count == explanation.facts(at: "workers[0]").count)
    }

    @Test(arguments: [
        ("workers[0].timout", "workers[0].timeout"), ("workers.echo.timout", "workers.echo.timeout"),
        ("taskmanager.path", "task_manager.path"), ("loging", "logging"), ("backup_count", "logging.backup_count"),
        ("workers.ecco.timeout", "workers.echo.timeout"), ("frobnicate", nil),
    ])
    func aMisspeltKeyIsRecognized(_ key: String, _ expected: String?) {
        #expect(explain(minimal()).nearestKey(to: key) == expected)
    }

    @Test func aFileWithErrorsIsExplainedAsFarAsItCanBe() throws {
        let explanation = explain(minimal(worker: "timeout: soon\nstop_grace: 7s", rest: "logging: []\nfrob: 1\n"))
        #expect(explanation.configuration == nil)
        #expect(
            explanation.errors.map(\.description)
                == errors(
                    minimal(worker: "timeout: soon\nstop_grace: 7s", rest: "logging: []\nfrob: 1\n")))
        #expect(explanation["workers[0].stop_grace"]?.text == "7s")
        let wrong = try #require(explanation["workers[0].timeout"])
        #expect(wrong.value == nil && wrong.text == "not usable: see the errors")
        #expect(wrong.issues.map(\.message) == ["this is the text \"soon\""])
        #expect(explanation["logging.level"] == nil, "what stands in place of the section is no section")
        let broken = explain("a: [")
        #expect(broken.facts.isEmpty && broken.errors.count == 1)
    }

    private static func truth(_ host: HostConfiguration) -> [(String, String)] {
        let manager = host.taskManager, logging = host.logging, monitoring = host.monitoring
        var truth: [(String, String)] = [
            ("version", host.version == "1.0" ? host.version : "?"), ("state_dir", host.stateDirectory),
            ("shutdown_timeout", seconds(host.shutdownTimeout)), ("task_manager.type", manager.kind.rawValue),
            ("task_manager.url", manager.url ?? "none"),
            ("task_manager.api_key", manager.apiKey?.description ?? "none"),
            ("task_manager.path", manager.path ?? "none"),
            ("task_manager.allow_insecure", String(manager.connection.allowsInsecure)),
            ("task_manager.ca_file", manager.connection.caFile ?? "the system's certificates"),
            ("task_manager.client_certificate", manager.connection.clientCertificate ?? "none"),
            ("task_manager.client_key", manager.connection.clientKey ?? "none"),
            ("task_manager.proxy", manager.connection.proxy?.revealed ?? "what the environment names"),
            ("task_manager.register_task_types", String(manager.connection.registersTaskTypes)),
            ("task_manager.poll_interval", seconds(manager.pollInterval)),
            ("task_manager.timeout", seconds(manager.timeout)),
            ("task_manager.max_retries", String(manager.maxRetries)),
            ("task_manager.retry_backoff", seconds(manager.retryBackoff)),
            ("task_manager.claim_timeout", seconds(manager.claimTimeout)),
            ("task_manager.retries", manager.retries.rawValue),
            ("task_manager.unknown_types", manager.unknownTypes.rawValue),
            ("task_manager.durability", manager.durability.rawValue),
            ("logging.level", logging.level.rawValue),
            ("logging.format", logging.format ?? LogFormat.standard.text),
            ("logging.file", logging.file ?? "standard error"), ("logging.max_bytes", String(logging.maxBytes)),
            ("logging.backup_count", String(logging.backupCount)), ("logging.structured", String(logging.structured)),
            ("logging.capture_worker_output", String(logging.captureWorkerOutput)),
            ("monitoring.enabled", String(monitoring.enabled)),
            ("advanced.worker_pool.enabled", String(host.workerPool.enabled)),
            ("advanced.worker_pool.min_workers", String(host.workerPool.minWorkers)),
            (
                "advanced.worker_pool.max_workers",
                host.workerPool.maxWorkers.map { "\($0)" } ?? "the worker's concurrency"
            ),
            ("advanced.worker_pool.idle_timeout", seconds(host.workerPool.idleTimeout)),
            ("advanced.security.validate_worker_paths", String(host.security.validateWorkerPaths)),
            ("advanced.security.restricted_modules", list(host.security.restrictedModules)),
        ]
        for (name, endpoint) in [("metrics", monitoring.metrics), ("health_check", monitoring.healthCheck)] {
            truth += [
                ("monitoring.\(name).enabled", String(endpoint.enabled)),
                ("monitoring.\(name).port", String(endpoint.port)), ("monitoring.\(name).path", endpoint.path),
            ]
        }
        for (index, observer) in monitoring.observers.enumerated() {
            truth += [
                ("monitoring.observers[\(index)].type", observer.kind.rawValue),
                ("monitoring.observers[\(index)].enabled", String(observer.enabled)),
            ]
        }
        for (index, worker) in host.workers.enumerated() {
            truth += self.truth(worker).map { ("workers[\(index)].\($0)", $1) }
        }
        return truth
    }

    private static func truth(_ worker: WorkerConfiguration) -> [(String, String)] {
        [
            ("name", worker.name), ("description", worker.description), ("project_path", worker.projectPath),
            ("venv_python", worker.venvPython ?? "none"), ("module", worker.module ?? "none"),
            ("function", worker.function ?? "none"), ("command", worker.command.map(list) ?? "none"),
            ("task_types", list(worker.taskTypes)), ("timeout", seconds(worker.timeout)),
            ("stop_grace", seconds(worker.stopGrace)), ("max_retries", String(worker.retry.maxAttempts)),
            ("retry_backoff", seconds(worker.retry.backoff.initial)),
            ("retry_backoff_max", seconds(worker.retry.backoff.cap)), ("mode", worker.mode.rawValue),
            ("format", worker.format.rawValue), ("concurrency", String(worker.concurrency)),
            ("limits.max_memory_mb", worker.limits.maxMemoryMiB.map { "\($0)" } ?? "no limit"),
            ("limits.max_reply_bytes", String(worker.limits.maxReplyBytes)),
            ("limits.kept_error_bytes", String(worker.limits.keptErrorBytes)),
            ("limits.max_open_files", worker.limits.maxOpenFiles.map { "\($0)" } ?? "the host's own soft limit"),
            ("inherit_environment", list(worker.inheritedEnvironment)),
            ("schema", worker.schema?.text ?? "none"), ("pool.min", String(worker.pool.min)),
            ("pool.max", worker.pool.max.map { "\($0)" } ?? "the worker's concurrency"),
            ("pool.idle_timeout", seconds(worker.pool.idleTimeout)),
            ("pool.max_tasks", worker.pool.maxTasks.map { "\($0)" } ?? "no limit"),
            ("pool.max_age", worker.pool.maxAge.map(seconds) ?? "no limit"),
            ("pool.max_memory_mb", worker.pool.maxMemoryMiB.map { "\($0)" } ?? "no limit"),
            ("pool.startup_timeout", seconds(worker.pool.startupTimeout)),
            ("pool.pipeline", String(worker.pool.pipeline)),
            ("fork.max_memory_mb", worker.fork.maxMemoryMiB.map { "\($0)" } ?? "no limit"),
            ("fork.max_tasks", worker.fork.maxTasks.map { "\($0)" } ?? "no limit"),
            ("fork.startup_timeout", seconds(worker.fork.startupTimeout)),
            ("fork.reload", worker.fork.reload.rawValue), ("batch.size", String(worker.batch.size)),
            ("batch.linger", seconds(worker.batch.linger)),
            ("sandbox", worker.sandbox?.text ?? "none"),
            ("metadata", worker.metadata == .emptyObject ? "none" : worker.metadata.text),
        ]
    }

    private static func list(_ texts: [String]) -> String { "[\(texts.map { "\"\($0)\"" }.joined(separator: ", "))]" }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds >= 86_400_000 { return "\(Int(milliseconds / 86_400_000))d" }
        return milliseconds < 1000 ? "\(Int(milliseconds))ms" : "\(Int(milliseconds / 1000))s"
    }
}
