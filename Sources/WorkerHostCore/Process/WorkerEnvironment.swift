/// Builds the environment of a worker's processes.
///
/// Nothing of the host's own environment reaches a worker but the few names below and those that the configuration
/// lists, so that no secret of the host is ever inherited.
enum WorkerEnvironment {
    /// What a program needs to find its way around, and nothing that could hold a secret.
    static let inherited = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR"]

    static func build(
        _ worker: WorkerConfiguration, mode: WorkerConfiguration.Mode = .oneshot, host: [String: String],
        hostMark: String
    ) -> [String: String] {
        var environment: [String: String] = [:]
        for name in inherited + worker.inheritedEnvironment { environment[name] = host[name] }
        for (name, value) in host where name.hasPrefix("LC_") { environment[name] = value }
        if environment["PATH"] == nil { environment["PATH"] = "/usr/local/bin:/usr/bin:/bin" }
        if let python = worker.venvPython {
            // A traceback of a crash and unbuffered output are worth more than the little time they cost.
            environment["PYTHONUNBUFFERED"] = "1"
            environment["PYTHONFAULTHANDLER"] = "1"
            environment["PYTHONIOENCODING"] = "utf-8"
            addVirtualenv(of: python, to: &environment)
        }
        if mode == .fork, worker.fork.reload == .onChange {
            // Python knows its cached bytecode by the source's second and size: of two changes within one second that leave
            // the size as it is, a template would take the first.
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
        }
        environment["WORKERHOST_MODE"] = mode.rawValue
        environment["WORKERHOST_FORMAT"] = (mode == .pool ? worker.format : .json).rawValue
        environment["WORKERHOST_WORKER"] = worker.name
        if !hostMark.isEmpty { environment["WORKERHOST_HOST"] = hostMark }
        environment.merge(worker.environment) { _, own in own }
        return environment
    }

    /// What `activate` would set, for programs that the worker starts by name.
    private static func addVirtualenv(of python: String, to environment: inout [String: String]) {
        guard let slash = python.lastIndex(of: "/") else { return }
        let bin = python[..<slash]
        guard let parent = bin.lastIndex(of: "/"), bin[bin.index(after: parent)...] == "bin" else { return }
        environment["VIRTUAL_ENV"] = String(bin[..<parent])
        environment["PATH"] = "\(bin):\(environment["PATH"] ?? "")"
    }
}
