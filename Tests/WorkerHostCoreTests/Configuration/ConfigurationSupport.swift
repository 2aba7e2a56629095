import WorkerHostCore

/// Loads `text` as `host.yaml` in `/srv/app`.
func load(
    _ text: String, environment: [String: String] = [:], name: String = "host.yaml"
) throws -> LoadedConfiguration {
    try ConfigurationLoader(environment: environment).load(text: text, name: name, baseDirectory: "/srv/app")
}

/// The lines of all errors of a configuration that must not load; empty if it loads.
func errors(_ text: String, environment: [String: String] = [:], name: String = "host.yaml") -> [String] {
    do {
        _ = try ConfigurationLoader(environment: environment)
            .load(text: text, name: name, baseDirectory: "/srv/app")
        return []
    } catch {
        return error.issues.map(\.description)
    }
}

/// A small file that loads, to which the lines of a worker can be added (indented by four).
func minimal(worker: String = "", rest: String = "") -> String {
    let extra = worker.split(separator: "\n").map { "    \($0)\n" }.joined()
    return """
        task_manager:
          type: sqlite
        workers:
          - name: echo
            project_path: worker
            venv_python: worker/.venv/bin/python
            module: echo.main
            task_types: [Echo]

        """ + extra + rest
}
