extension WorkerConfiguration {
    /// Keys that only people read: a change of them touches no process.
    static let settingsWithoutEffect: Set = ["description", "metadata"]

    /// All that a worker's configuration says, by the file's keys.
    var settings: SettingList {
        var list = SettingList()
        list.add("description", description.isEmpty ? nil : description)
        list.add("project_path", projectPath)
        list.add("venv_python", venvPython)
        list.add("module", module)
        list.add("function", function)
        list.add("command", command)
        list.add("url", remote?.url)
        list.add("allow_insecure", remote.map { $0.allowsInsecure ? "true" : "false" })
        for (name, value) in (remote?.headers ?? [:]).sorted(by: { $0.key < $1.key }) {
            list.addHidden("headers.\(name)", value.revealed)
        }
        list.add("task_types", taskTypes)
        list.add("timeout", timeout)
        list.add("stop_grace", stopGrace)
        list.add("max_retries", retry.maxAttempts)
        list.add("retry_backoff", retry.backoff.initial)
        list.add("retry_backoff_max", retry.backoff.cap)
        if retry.backoff.multiplier != 2 || !retry.backoff.jitter {
            list.add("retry_backoff_growth", "\(retry.backoff.multiplier), jitter \(retry.backoff.jitter)")
        }
        list.add("mode", mode.rawValue)
        list.add("format", format.rawValue)
        list.add("concurrency", concurrency)
        list.add("limits.max_memory_mb", limits.maxMemoryMiB)
        list.add("limits.max_reply_bytes", limits.maxReplyBytes)
        list.add("limits.kept_error_bytes", limits.keptErrorBytes)
        list.add("limits.max_open_files", limits.maxOpenFiles)
        list.add("pool.min", pool.min)
        list.add("pool.max", pool.max)
        list.add("pool.idle_timeout", pool.idleTimeout)
        list.add("pool.max_tasks", pool.maxTasks)
        list.add("pool.max_age", pool.maxAge.map(DurationText.text))
        list.add("pool.max_memory_mb", pool.maxMemoryMiB)
        list.add("pool.startup_timeout", pool.startupTimeout)
        list.add("pool.pipeline", pool.pipeline)
        list.add("fork.max_memory_mb", fork.maxMemoryMiB)
        list.add("fork.max_tasks", fork.maxTasks)
        list.add("fork.startup_timeout", fork.startupTimeout)
        list.add("fork.reload", fork.reload.rawValue)
        list.add("batch.size", batch.size)
        list.add("batch.linger", batch.linger)
        list.addHidden("sandbox", sandbox?.text)
        list.addHidden("schema", schema?.text)
        // A variable's value may be a secret.
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            list.addHidden("environment.\(name)", value)
        }
        list.add("inherit_environment", inheritedEnvironment.isEmpty ? nil : inheritedEnvironment)
        list.addHidden("metadata", metadata == .emptyObject ? nil : metadata.text)
        return list
    }
}
