extension WorkerReader {
    /// Reads how the process is started: `venv_python` and `module`, or `command`.
    func readProcess(into worker: inout WorkerConfiguration) {
        let form = "either 'venv_python' and 'module', or 'command'"
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
        if let path = section.text("project_path", allowsEmpty: false) { worker.projectPath = paths.absolute(path) }
        if let python = section.text("venv_python", allowsEmpty: false) {
            worker.venvPython = paths.interpreter(python)
        }
        if let module = section.text("module", allowsEmpty: false) {
            worker.module = module
            report("module", ModulePolicy(restricted: defaults.restrictedModules).problem(with: module))
        }
        worker.function = section.text("function", allowsEmpty: false)
    }

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
        report("command", ModulePolicy(restricted: defaults.restrictedModules).problem(withCommand: words))
    }

    private func report(_ key: String, _ problem: String?) {
        if let problem { section.error(key, problem) }
    }
}
