/// One mistaken configuration for each thing that can be wrong with one.
struct MistakenConfiguration: Sendable {
    let name: String
    let text: String
    var environment: [String: String] = [:]

    static let all: [MistakenConfiguration] = syntax + structure + scalars + sections + workers + environments

    private static func worker(_ name: String, _ lines: String) -> MistakenConfiguration {
        MistakenConfiguration(name: name, text: minimal(worker: lines))
    }

    private static func rest(_ name: String, _ lines: String) -> MistakenConfiguration {
        MistakenConfiguration(name: name, text: minimal(rest: lines + "\n"))
    }

    /// A file with a TaskManager behind an API.
    private static func remote(_ lines: String, types: String = "[A]", worker: String = "stop_grace: 5") -> String {
        "task_manager:\n  type: http\n  \(lines)\nworkers:\n  - name: a\n    command: [x]\n    task_types: \(types)\n"
            + "    \(worker)\n"
    }

    private static let syntax: [MistakenConfiguration] = [
        .init(name: "an empty file", text: ""),
        .init(name: "nothing but a comment", text: "# nothing\n"),
        .init(name: "null", text: "null\n"),
        .init(name: "a list in place of a mapping", text: "- a\n"),
        .init(name: "an open bracket", text: "workers: [\n"),
        .init(name: "a tab as indentation", text: "workers:\n\t- name: a\n"),
        .init(name: "a variable inside braces", text: minimal(worker: "metadata: {n: ${N}}")),
        .init(name: "a character that YAML forbids", text: "a: \"\u{1}\"\n"),
        .init(
            name: "nested aliases as a key",
            text: "a: &a [x]\n" + (0..<30).map { "b\($0): *a\n" }.joined() + "*a : 1\n"),
        .init(
            name: "too deep", text: "x-a: " + String(repeating: "[", count: 101) + String(repeating: "]", count: 101)),
        .init(
            name: "too many values by aliases",
            text: "x-0: &a0 [" + Array(repeating: "1", count: 60).joined(separator: ",") + "]\n"
                + (1..<4).map { n in
                    "x-\(n): &a\(n) [" + Array(repeating: "*a\(n - 1)", count: 60).joined(separator: ",") + "]\n"
                }.joined()),
        .init(name: "a tag", text: minimal(worker: "description: !secret x")),
        .init(name: "an alias of nothing", text: minimal(worker: "description: *none")),
        .init(name: "a list as key", text: minimal(rest: "[a, b]: 1\n")),
        .init(name: "a merge of a text", text: minimal(rest: "logging:\n  <<: x\n")),
        .init(name: "a key given twice", text: minimal(rest: "logging: {level: INFO, level: DEBUG}\n")),
        .init(
            name: "more keys given twice than are followed",
            text: (0..<70).map { "x-k\($0): 1\nx-k\($0): 2\n" }.joined()),
    ]

    private static let structure: [MistakenConfiguration] = [
        .init(name: "no task_manager and no workers", text: "version: 1\n"),
        .init(
            name: "an empty task_manager",
            text: "task_manager: {}\nworkers: [{name: a, command: [x], task_types: [A]}]\n"),
        .init(name: "a text as section", text: minimal(rest: "logging: INFO\n")),
        .init(name: "an unknown key", text: minimal(rest: "logging: {levl: INFO}\n")),
        .init(name: "an unknown key that is near to none", text: minimal(rest: "frobnicate: 1\n")),
        .init(name: "an unknown version", text: minimal(rest: "version: 2\n")),
        .init(name: "no worker", text: "task_manager: {type: sqlite}\nworkers: []\n"),
        .init(name: "workers as a mapping", text: "task_manager: {type: sqlite}\nworkers: {a: {}}\n"),
        .init(name: "a text as worker", text: "task_manager: {type: sqlite}\nworkers: [a]\n"),
        .init(
            name: "two workers of one name",
            text: minimal(rest: "  - {name: echo, command: [x], task_types: [B]}\n")),
        .init(name: "a remote TaskManager without address", text: remote("")),
        .init(name: "a remote TaskManager in the open", text: remote("url: http://tasks.example.org/api")),
        .init(name: "an address that is none", text: remote("url: tasks")),
        .init(
            name: "half a client's certificate",
            text: remote("url: https://tasks.example.org/api\n  client_certificate: c.pem")),
        .init(
            name: "types that cannot be listed, and a timeout that fits into no claim",
            text: remote("url: https://tasks.example.org/api", types: "[A.*]", worker: "timeout: 301")),
        .init(name: "another TaskManager", text: minimal().replacing("sqlite", with: "amqp")),
        .init(name: "a TaskManager that nobody knows", text: minimal().replacing("sqlite", with: "sqlight")),
    ]

    private static let scalars: [MistakenConfiguration] = [
        worker("a number as text", "description: 7"),
        worker("a list as text", "description: [a]"),
        worker("an empty text", "function: \"\""),
        worker("a zero byte in a text", "description: \"a\\0b\""),
        worker("a zero byte in a word", "environment: {A: \"a\\0b\"}"),
        worker("a text as number", "concurrency: many"),
        worker("a number in quotes", "concurrency: \"3\""),
        worker("a number that is not whole", "concurrency: 2.5"),
        worker("a number out of range", "concurrency: 0"),
        worker("a number larger than any", "limits: {max_memory_mb: 99999999999999999999}"),
        rest("a text as truth", "logging: {structured: maybe}"),
        worker("a text as duration", "timeout: soon"),
        worker("a list as duration", "timeout: [1]"),
        worker("a duration out of range", "timeout: 400d"),
        worker("an unknown choice", "mode: poool"),
        worker("a list as choice", "mode: [pool]"),
        worker("a pool with fewer than its least", "pool: {min: 3, max: 2}"),
        worker("a batch of none", "batch: {size: 0}"),
        worker("a batch that waits too long", "batch: {linger: 1h}"),
        worker("an unknown choice of a template's reload", "fork: {reload: always}"),
        worker("a template without a task", "fork: {max_tasks: 0}"),
    ]

    private static let sections: [MistakenConfiguration] = [
        rest("an unknown field of the log", "logging: {format: \"%(levlname)s\"}"),
        rest("a percent sign alone", "logging: {format: \"100%\"}"),
        rest("a field without type", "logging: {format: \"%(name)\"}"),
        rest("a field that is too wide", "logging: {format: \"%(name)2000s\"}"),
        rest("an unknown level", "logging: {level: LOUD}"),
        rest("a path without slash", "monitoring: {metrics: {path: m}}"),
        rest("an observer without type", "monitoring: {observers: [{enabled: true}]}"),
        rest("observers as text", "monitoring: {observers: logging}"),
        rest("fewer than least", "advanced: {worker_pool: {min_workers: 3, max_workers: 2}}"),
        rest("a module with a dash", "advanced: {security: {restricted_modules: [a-b]}}"),
        rest("names that are none", "advanced: {security: {allow_environment_variables: [\"A=B\"]}}"),
        rest("neither truth nor names", "advanced: {security: {allow_environment_variables: 7}}"),
    ]

    private static let workers: [MistakenConfiguration] = [
        .init(name: "an empty worker", text: "task_manager: {type: sqlite}\nworkers:\n  - description: x\n"),
        .init(
            name: "a module without its python",
            text: "task_manager: {type: sqlite}\nworkers:\n  - {name: a, module: m, task_types: [A]}\n"),
        .init(
            name: "a python without module",
            text: "task_manager: {type: sqlite}\nworkers:\n  - {name: a, venv_python: v, task_types: [A]}\n"),
        worker("command beside module", "command: [x]"),
        .init(
            name: "an empty command",
            text: "task_manager: {type: sqlite}\nworkers:\n  - {name: a, command: [], task_types: [A]}\n"),
        .init(
            name: "a command as text",
            text: "task_manager: {type: sqlite}\nworkers:\n  - {name: a, command: x y, task_types: [A]}\n"),
        .init(
            name: "a forbidden module",
            text: minimal(rest: "advanced: {security: {restricted_modules: [echo]}}\n")),
        .init(
            name: "a forbidden module in a command",
            text: "task_manager: {type: sqlite}\nworkers:\n"
                + "  - {name: a, command: [python3, -m, pdb], task_types: [A]}\n"
                + "advanced: {security: {restricted_modules: [pdb]}}\n"),
        .init(name: "a module with .py", text: minimal().replacing("echo.main", with: "echo/main.py")),
        .init(
            name: "no task type", text: minimal().replacing("[Echo]", with: "[]")),
        .init(name: "a task type given twice", text: minimal().replacing("[Echo]", with: "[A, A]")),
        .init(name: "a malformed task type", text: minimal().replacing("[Echo]", with: "[\"a b\", \"*x\"]")),
        .init(
            name: "a service without address",
            text: "task_manager: {type: sqlite}\nworkers:\n  - {name: a, type: http, task_types: [A]}\n"),
        .init(
            name: "a service in the open",
            text: "task_manager: {type: sqlite}\nworkers:\n"
                + "  - {name: a, type: http, url: \"http://w.example.org/\", task_types: [A], headers: {\"a b\": c}}\n"),
        worker("a cap below the first wait", "retry_backoff: 5s\nretry_backoff_max: 2s"),
        worker("a variable's name that is none", "environment: {\"A=B\": x}"),
        worker("a list as variable", "environment: {A: [x]}"),
        worker("a name of a variable to inherit", "inherit_environment: [\"A=B\"]"),
        .init(
            name: "inheriting what may not be",
            text: minimal(
                worker: "inherit_environment: [HOME]",
                rest: "advanced: {security: {allow_environment_variables: false}}\n")),
        worker("a broken schema", "schema: {type: strng}"),
        worker("a schema as list", "schema: [a]"),
        worker("a schema file that is missing", "schema: no/such.json"),
        worker("a schema file that is a directory", "schema: /"),
        worker("a schema file that is no JSON", "schema: /etc/passwd"),
        worker("a schema file that cannot be read", "schema: /proc/self/mem"),
    ]

    private static let environments: [MistakenConfiguration] = [
        worker("a variable that is not set", "description: ${NONE}"),
        worker("a variable that is not closed", "description: \"${A\""),
        worker("a variable that is none", "description: ${1-2}"),
        .init(
            name: "a bad override", text: minimal(),
            environment: ["WORKERHOST_LOGGING_BACKUP_COUNT": "many", "WORKERHOST_TASKMANAGER_TYPE": "sqllite"]),
        .init(
            name: "an override that is no YAML", text: minimal(),
            environment: ["WORKERHOST_ADVANCED_SECURITY_RESTRICTED_MODULES": "[a"]),
    ]
}
