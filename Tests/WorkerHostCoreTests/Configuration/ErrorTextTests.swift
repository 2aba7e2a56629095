import Testing
import WorkerHostCore

@Suite struct ErrorTextTests {
    @Test func everythingIsReportedAtOnceInTheOrderOfTheFile() {
        let text = """
            verson: 1
            task_manager:
              type: sqllite
              poll_interval: soon
              max_retries: "3"
            workers:
              - name: a
                project_path: a
                venv_python: a
                module: a-b
                task_types: Echo
                timout: 5
              - name: 7
                command: []
                task_types: [ok, "a b"]
                timeout: 0
            logging:
              level: LOUD
              format: "%(levlname)s"
              max_bytes: -1
            advanced: []
            """
        #expect(
            errors(text) == [
                "host.yaml:1:1: verson: unknown key; did you mean 'version'?",
                "host.yaml:3:9: task_manager.type: 'sqllite' is not known here; expected one of http, amqp, redis, "
                    + "sqlite; did you mean 'sqlite'?",
                "host.yaml:4:18: task_manager.poll_interval: this is the text \"soon\"; expected a number of seconds, "
                    + "or a text like 250ms, 30s, 5m, 2h or 1d",
                "host.yaml:5:16: task_manager.max_retries: this is the text \"3\"; expected a whole number from 0 to "
                    + "1000000 (remove the quotes)",
                "host.yaml:10:13: workers[0].module: 'a-b' is not the name of a Python module: write dotted "
                    + "identifiers, for example 'package.module'",
                "host.yaml:11:17: workers[0].task_types: this is the text \"Echo\"; expected a list of task types",
                "host.yaml:12:5: workers[0].timout: unknown key; did you mean 'timeout'?",
                "host.yaml:13:11: workers[1].name: this is the number 7; expected a text (put it in quotes)",
                "host.yaml:14:14: workers[1].command: this list is empty; expected the program and its arguments",
                "host.yaml:15:22: workers[1].task_types[1]: 'a b' is no task type; expected 'Name', 'Prefix.*' or '*'",
                "host.yaml:16:14: workers[1].timeout: 0 is out of range; expected from 1ms to 366d",
                "host.yaml:18:10: logging.level: 'LOUD' is not known here; expected one of DEBUG, INFO, WARNING, ERROR,"
                    + " CRITICAL",
                "host.yaml:19:11: logging.format: unknown field '%(levlname)'; expected one of asctime, name, "
                    + "levelname, levelno, message, created, msecs, process, thread, pathname, filename, lineno, "
                    + "funcName, module; did you mean 'levelname'?",
                "host.yaml:20:14: logging.max_bytes: -1 is out of range; expected a whole number of at least 0",
                "host.yaml:21:11: advanced: this is a list; expected a mapping ('key: value')",
            ])
    }

    @Test func missingKeys() {
        #expect(
            errors("workers:\n  - description: x\n") == [
                "host.yaml:1:1: task_manager: this key is missing; expected a mapping with at least 'type' "
                    + "(available: sqlite)",
                "host.yaml:2:5: workers[0].name: this key is missing; expected a text",
                "host.yaml:2:5: workers[0].task_types: this key is missing; expected a list of task types, written "
                    + "'Name', 'Prefix.*' or '*'",
                "host.yaml:2:5: workers[0]: nothing says how the worker is started; expected either 'venv_python' and "
                    + "'module', or 'command'",
            ])
    }

    @Test func duplicates() {
        let text = """
            task_manager:
              type: sqlite
              type: sqlite
            workers:
              - {name: a, command: [x], task_types: [A, A], name: b}
              - {name: a, command: [x], task_types: [B]}
              - {name: c, command: [x], task_types: [C], bogus: 1}
            "workers": []
            """
        #expect(
            errors(text) == [
                "host.yaml:3:3: task_manager.type: this key is given twice, first on line 2: remove one",
                "host.yaml:5:45: workers[0].task_types[1]: the task type 'A' is given twice: remove one",
                "host.yaml:5:49: workers[0].name: this key is given twice, first on line 5: remove one",
                "host.yaml:6:12: workers[1].name: there are two workers named 'a' (the first is on line 5): "
                    + "names must be unique",
                "host.yaml:7:46: workers[2].bogus: unknown key; expected one of allow_insecure, batch, command, concurrency, "
                    + "description, environment, fork, format, function, headers, inherit_environment, limits, "
                    + "max_retries, metadata, mode, module, "
                    + "name, pool, project_path, retry_backoff, retry_backoff_max, sandbox, schema, stop_grace, "
                    + "task_types, timeout, type, url, venv_python",
                "host.yaml:8:1: workers: this key is given twice, first on line 4: remove one",
            ])
    }

    @Test(arguments: [
        ("http", "host.yaml:2:9: task_manager.type: this version has no adapter for 'http'; available: sqlite"),
        ("redis", "host.yaml:2:9: task_manager.type: this version has no adapter for 'redis'; available: sqlite"),
    ])
    func taskManagersWithoutAdapter(type: String, expected: String) {
        #expect(errors(minimal().replacing("type: sqlite", with: "type: \(type)")) == [expected])
    }

    @Test func anEmbedderHasOtherAdapters() throws {
        let text = minimal().replacing("type: sqlite", with: "type: http\n  url: https://x")
        let loader = ConfigurationLoader(environment: [:], taskManagers: [.http])
        let manager = try loader.load(text: text, name: "f", baseDirectory: "/").configuration.taskManager
        #expect(manager.kind == .http)
        #expect(manager.path == nil)
    }

    @Test func workerForms() {
        #expect(
            errors(minimal(worker: "command: [echo]")) == [
                "host.yaml:6:18: workers[0].venv_python: this cannot stand beside 'command'; expected either "
                    + "'venv_python' and 'module', or 'command'"
            ])
        #expect(
            errors(minimal().replacing("    module: echo.main\n", with: "")) == [
                "host.yaml:4:5: workers[0].module: this key is missing; expected the name of a Python module"
            ])
    }

    @Test func restrictedModulesAndInheritance() {
        let rest = """
            advanced:
              security: {restricted_modules: [echo], allow_environment_variables: false}
            """
        #expect(
            errors(minimal(worker: "inherit_environment: [HOME]", rest: rest)) == [
                "host.yaml:7:13: workers[0].module: the module 'echo.main' (by 'echo') is forbidden by "
                    + "advanced.security.restricted_modules: use another module, or take it off that list",
                "host.yaml:9:26: workers[0].inherit_environment: no variable can be inherited while "
                    + "advanced.security.allow_environment_variables is false: remove this key, or allow it there",
            ])
    }

    @Test func aBrokenSchemaNamesItsWorker() {
        #expect(
            errors(minimal(worker: "schema: {properties: {topic: {type: strng}}, minimum: x}")) == [
                "host.yaml:9:13: workers[0].schema: the schema of worker 'echo' is broken at /minimum: "
                    + "expected a number",
                "host.yaml:9:13: workers[0].schema: the schema of worker 'echo' is broken at /properties/topic/type: "
                    + "expected one of null, boolean, object, array, number, string, integer, or a list of these",
            ])
        #expect(
            errors(minimal(worker: "schema: no/such.json")) == [
                "host.yaml:9:13: workers[0].schema: the file /srv/app/no/such.json does not exist: check the path"
            ])
    }
}
