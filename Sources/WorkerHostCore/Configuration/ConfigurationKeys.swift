/// All keys of the configuration file: what is known, what can be overridden, and what the editors' schema lists.
enum ConfigurationKeys {
    static let root: [KeySpec] = [
        KeySpec("version"), KeySpec("state_dir"), KeySpec("shutdown_timeout"),
        KeySpec("task_manager", .map(taskManager)),
        KeySpec("workers", .list(worker)),
        KeySpec("logging", .map(logging)),
        KeySpec("monitoring", .map(monitoring)),
        KeySpec("advanced", .map(advanced)),
    ]

    private static func scalars(_ names: String...) -> [KeySpec] { names.map { KeySpec($0) } }

    private static let taskManager =
        scalars(
            "type", "url", "api_key", "path", "poll_interval", "timeout", "max_retries", "retry_backoff",
            "claim_timeout", "retries", "unknown_types", "durability", "allow_insecure", "ca_file",
            "client_certificate",
            "client_key", "proxy", "register_task_types")
        + [KeySpec("keep", .map(scalars("completed", "max_completed", "failed", "max_failed")))]

    private static let worker =
        scalars(
            "name", "description", "project_path", "venv_python", "module", "function", "timeout", "stop_grace",
            "max_retries", "retry_backoff", "retry_backoff_max", "mode", "format", "concurrency", "type", "url",
            "allow_insecure")
        + [
            KeySpec("task_types", .texts), KeySpec("command", .texts), KeySpec("inherit_environment", .texts),
            KeySpec("limits", .map(limits)), KeySpec("environment", .free), KeySpec("metadata", .free),
            KeySpec("headers", .free),
            KeySpec("schema", .free), KeySpec("pool", .map(pool)), KeySpec("fork", .map(fork)),
            KeySpec("batch", .map(scalars("size", "linger"))),
            KeySpec("sandbox", .free),
        ]

    private static let limits = scalars("max_memory_mb", "max_reply_bytes", "kept_error_bytes", "max_open_files")

    private static let pool = scalars(
        "min", "max", "idle_timeout", "max_tasks", "max_age", "max_memory_mb", "startup_timeout", "pipeline")

    private static let fork = scalars("max_memory_mb", "max_tasks", "startup_timeout", "reload")

    private static let logging = scalars(
        "level", "format", "file", "max_bytes", "backup_count", "structured", "capture_worker_output")

    private static let monitoring: [KeySpec] =
        scalars("enabled", "metrics_port", "health_check_port")
        + [
            KeySpec("metrics", .map(scalars("enabled", "port", "path"))),
            KeySpec("health_check", .map(scalars("enabled", "port", "path"))),
            KeySpec("observers", .list(scalars("type", "enabled"))),
        ]

    private static let advanced: [KeySpec] = [
        KeySpec("worker_pool", .map(scalars("enabled", "min_workers", "max_workers", "idle_timeout"))),
        KeySpec("resource_limits", .map(scalars("max_memory_mb", "max_cpu_percent"))),
        KeySpec(
            "security",
            .map([
                KeySpec("validate_worker_paths"), KeySpec("allow_environment_variables"),
                KeySpec("restricted_modules", .texts),
            ])),
    ]

    /// The paths of all keys, for example `workers[].limits.max_open_files`.
    static var allPaths: [String] { paths(of: root, below: "") }

    private static func paths(of keys: [KeySpec], below parent: String) -> [String] {
        keys.flatMap { key in
            var path = SourceNode.path(parent, key.name)
            if case .list = key.shape { path += "[]" }
            return [path] + paths(of: key.children, below: path)
        }
    }
}
