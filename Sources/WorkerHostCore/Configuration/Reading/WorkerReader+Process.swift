extension WorkerReader {
    /// Reads how the process is started: `venv_python` and `module`, or `command`.
    func readProcess(into worker: inout WorkerConfiguration) {
        let form = "either 'venv_python' and 'module', or 'command'"
        section.note("command", nil, default: nil, expectation: Self.commandForm)
        let pythonKeys = ["venv_python", "module", "function"].filter(section.has)
        if section.has("command") {
            readCommand(into: &worker)
            if !pythonKeys.isEmpty {
                section.error(pythonKeys[0], "this cannot stand beside 'command'", expected: form)
            }
        } else if pythonKeys.isEmpty {
            log.error(
                section.node.origin, section.node.path, "nothing says how the worker is started", expected: form)
        } else {
            section.require("venv_python", "the virtualenv's directory or its python")
            section.require("module", "the name of a Python module")
            section.require("project_path", "the directory that the worker is started in")
        }
        let base = worker.projectPath
        worker.projectPath =
            section.path(
                "project_path", paths.absolute, default: section.has("command") ? base : nil,
                from: "the directory of the file") ?? base
        worker.venvPython = section.path("venv_python", paths.interpreter)
        if let module = section.text("module", allowsEmpty: false) {
            worker.module = module
            report("module", ModulePolicy(restricted: defaults.restrictedModules).problem(with: module))
        }
        worker.function = section.text("function", allowsEmpty: false)
    }

    private static let commandForm = "a list of words: the program and its arguments"

    private func readCommand(into worker: inout WorkerConfiguration) {
        guard let items = section.list("command", of: "words: the program and its arguments") else { return }
        if items.isEmpty {
            section.error("command", "this list is empty", expected: "the program and its arguments")
        }
        var words: [String] = []
        for (index, item) in items.enumerated() {
            let reader = ScalarReader(item, log)
            if let word = index == 0 ? reader.text(allowsEmpty: false) : reader.anyText("a text") { words.append(word) }
        }
        guard words.count == items.count, let program = words.first else { return }
        words[0] = paths.program(program)
        worker.command = words
        section.noted("command", shown(words, items), default: nil, expectation: Self.commandForm)
        report("command", ModulePolicy(restricted: defaults.restrictedModules).problem(withCommand: words))
    }

    /// Arguments that come from the environment may be secrets; the program is none.
    private func shown(_ words: [String], _ items: [SourceNode]) -> [String] {
        zip(words, items).enumerated().map { index, pair in
            guard index > 0, case .scalar(let scalar) = pair.1.content else { return pair.0 }
            return Masking.text(scalar)
        }
    }

    private func report(_ key: String, _ problem: String?) {
        if let problem { section.error(key, problem) }
    }
}
