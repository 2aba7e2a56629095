import Testing
import WorkerHostCore

@Suite struct OverrideTests {
    @Test func everySectionCanBeOverridden() throws {
        let environment = [
            "WORKERHOST_TASKMANAGER_API_KEY": "123", "WORKERHOST_TASK_MANAGER_POLL_INTERVAL": "2s",
            "WORKERHOST_LOGGING_LEVEL": "warn", "WORKERHOST_LOGGING_STRUCTURED": "true",
            "WORKERHOST_STATE_DIR": "elsewhere", "WORKERHOST_SHUTDOWN_TIMEOUT": "5",
            "WORKERHOST_ADVANCED_SECURITY_RESTRICTED_MODULES": "os, subprocess",
            "WORKERHOST_ADVANCED_SECURITY_ALLOW_ENVIRONMENT_VARIABLES": "LANG,TZ",
            "WORKERHOST_ADVANCED_RESOURCE_LIMITS_MAX_MEMORY_MB": "77",
            "WORKERHOST_MONITORING_OBSERVERS": "[{type: logging, enabled: false}]",
        ]
        let loaded = try load(minimal(), environment: environment)
        let configuration = loaded.configuration
        #expect(
            loaded.warnings.map(\.description) == [
                "environment variable WORKERHOST_TASKMANAGER_API_KEY: task_manager.api_key: a TaskManager of type sqlite "
                    + "does not use this key"
            ])
        #expect(configuration.taskManager.apiKey?.revealed == "123")
        #expect(configuration.taskManager.pollInterval == .seconds(2))
        #expect(configuration.taskManager.path == "/srv/app/elsewhere/queue.sqlite")
        #expect(configuration.logging.level == .warning)
        #expect(configuration.logging.structured)
        #expect(configuration.stateDirectory == "/srv/app/elsewhere")
        #expect(configuration.shutdownTimeout == .seconds(5))
        #expect(configuration.security.restrictedModules == ["os", "subprocess"])
        #expect(configuration.workers.first?.inheritedEnvironment == ["LANG", "TZ"])
        #expect(configuration.workers.first?.limits.maxMemoryMiB == 77)
        #expect(configuration.monitoring.observers == [.init(kind: .logging, enabled: false)])
    }

    @Test func theyWinOverTheFileAndMendIt() throws {
        let text = minimal().replacing("type: sqlite", with: "type: nonsense") + "logging: {level: nonsense}\n"
        let environment = ["WORKERHOST_TASK_MANAGER_TYPE": "sqlite", "WORKERHOST_LOGGING_LEVEL": "DEBUG"]
        #expect(try load(text, environment: environment).configuration.logging.level == .debug)
    }

    @Test func aBadValueNamesItsVariable() {
        let environment = ["WORKERHOST_LOGGING_BACKUP_COUNT": "many", "WORKERHOST_TASKMANAGER_TYPE": "sqllite"]
        #expect(
            errors(minimal(), environment: environment) == [
                "environment variable WORKERHOST_TASKMANAGER_TYPE: task_manager.type: the value is not known here; "
                    + "expected one of http, amqp, redis, sqlite; did you mean 'sqlite'?",
                "environment variable WORKERHOST_LOGGING_BACKUP_COUNT: logging.backup_count: this is the text "
                    + "\"***\"; expected a whole number from 0 to 100000",
            ])
    }

    @Test func unknownVariablesAreWarnedAboutAndOthersLeftAlone() throws {
        var environment = ["WORKERHOST_LOGGING_LEVLE": "DEBUG", "WORKERHOST_XYZZY": "1"]
        for name in ["MODE", "FORMAT", "WORKER", "TASK", "RUN", "CONFIG", "HOST"] {
            environment["WORKERHOST_\(name)"] = "x"
        }
        #expect(
            try load(minimal(), environment: environment).warnings.map(\.description) == [
                "environment variable WORKERHOST_LOGGING_LEVLE: this variable overrides no key of the configuration; "
                    + "did you mean 'WORKERHOST_LOGGING_LEVEL'?",
                "environment variable WORKERHOST_XYZZY: this variable overrides no key of the configuration",
            ])
    }
}
