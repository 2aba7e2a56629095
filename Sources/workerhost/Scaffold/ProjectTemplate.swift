/// The files of a new project that are not a worker's.
struct ProjectTemplate {
    /// The configuration's name.
    static let configuration = "workerhost.yaml"
    /// Where the editor's schema lies.
    static let schema = ".workerhost/workerhost.schema.json"

    let worker: WorkerPlan

    /// All files, the workers' too, with paths from the project's folder.
    var files: [ScaffoldFile] {
        [
            ScaffoldFile(Self.configuration, configuration),
            ScaffoldFile("README.md", readme),
            ScaffoldFile(".gitignore", "state/\n.venv/\n__pycache__/\nnode_modules/\n"),
            ScaffoldFile(Self.schema, EditorSchema.text),
        ] + worker.files.map { ScaffoldFile("\(worker.path)/\($0.path)", $0.text) }
    }

    private var configuration: String {
        let entry = worker.entry.enumerated().map { ($0 == 0 ? "  - " : "    ") + $1 }.joined(separator: "\n")
        return """
            # yaml-language-server: $schema=\(Self.schema)
            # What WorkerHost runs here; 'workerhost validate' checks it. Paths are relative to this file.
            version: "1.0"

            # Where tasks come from: a queue in a file, made with the first task.
            task_manager:
              type: sqlite
              path: ./state/queue.sqlite

            # What runs them; 'workerhost init --worker NAME' adds one.
            workers:
            \(entry)

            # logging:
            #   level: INFO                     # DEBUG, INFO, WARNING, ERROR
            #   file: ./state/workerhost.log    # otherwise standard error

            """
    }

    private var readme: String {
        let example = "workerhost submit --type \(worker.type) --params '{\"name\":\"Ada\"}'"
        return """
            # A WorkerHost project

            | | |
            | --- | --- |
            | `\(Self.configuration)` | the configuration: the queue and the workers |
            | `\(worker.path)/\(worker.language.workerFile)` | the worker '\(worker.name)', for tasks of the type \
            `\(worker.type)` |
            | `\(worker.path)/\(worker.language.testFile)` | its test, which runs it as the host does |
            | `\(Self.schema)` | completion and checks for `\(Self.configuration)` in editors that know YAML schemas |
            | `state/` | the queue, and what else the host keeps; not in git |

            In this folder:

            ```sh
            \(ShellText.line(worker.testCommand))
            workerhost validate
            \(example)
            workerhost run --until-idle
            workerhost tasks
            ```

            `workerhost init --worker NAME` adds a worker, with its folder, its test and its entry in the configuration.

            """ + (worker.virtualenv == nil ? "" : virtualenvText)
    }

    /// How a clone of the project gets what git does not hold.
    private var virtualenvText: String {
        """

        The virtualenv is not in git; make it again after a clone:

        ```sh
        python3 -m venv \(worker.path)/.venv
        ```

        Packages go into a `requirements.txt` beside the worker: \
        `\(worker.path)/.venv/bin/python -m pip install -r \(worker.path)/requirements.txt`.

        """
    }
}
