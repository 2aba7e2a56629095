extension HostConfiguration {
    /// What a running host takes over at once; the workers are compared one by one.
    var liveSettings: SettingList {
        var list = SettingList()
        list.add("shutdown_timeout", shutdownTimeout)
        list.add("logging.level", logging.level.rawValue)
        list.add("advanced.security.validate_worker_paths", security.validateWorkerPaths)
        list.add("advanced.security.restricted_modules", security.restrictedModules)
        return list
    }

    /// What is fixed from a host's start to its end.
    var fixedSettings: SettingList {
        var list = SettingList()
        list.add("state_dir", stateDirectory)
        add(taskManager, to: &list)
        list.add("logging.format", logging.format)
        list.add("logging.file", logging.file)
        list.add("logging.max_bytes", logging.maxBytes)
        list.add("logging.backup_count", logging.backupCount)
        list.add("logging.structured", logging.structured)
        list.add("logging.capture_worker_output", logging.captureWorkerOutput)
        list.add("monitoring.enabled", monitoring.enabled)
        list.add("monitoring.metrics", Self.text(monitoring.metrics))
        list.add("monitoring.health_check", Self.text(monitoring.healthCheck))
        list.add(
            "monitoring.observers", monitoring.observers.map { "\($0.kind.rawValue)\($0.enabled ? "" : " (off)")" })
        list.add(
            "advanced.worker_pool",
            "\(workerPool.enabled ? "on" : "off"), min \(workerPool.minWorkers), max \(workerPool.maxWorkers.map(String.init) ?? "concurrency"), idle \(DurationText.text(workerPool.idleTimeout))"
        )
        return list
    }

    private func add(_ manager: TaskManagerConfiguration, to list: inout SettingList) {
        list.add("task_manager.type", manager.kind.rawValue)
        list.add("task_manager.url", manager.url)
        list.addHidden("task_manager.api_key", manager.apiKey?.revealed)
        let connection = manager.connection
        list.add("task_manager.allow_insecure", connection.allowsInsecure)
        list.add("task_manager.ca_file", connection.caFile)
        list.add("task_manager.client_certificate", connection.clientCertificate)
        list.add("task_manager.client_key", connection.clientKey)
        list.addHidden("task_manager.proxy", connection.proxy?.revealed)
        list.add("task_manager.register_task_types", connection.registersTaskTypes)
        list.add("task_manager.path", manager.path)
        list.add("task_manager.poll_interval", manager.pollInterval)
        list.add("task_manager.timeout", manager.timeout)
        list.add("task_manager.max_retries", manager.maxRetries)
        list.add("task_manager.retry_backoff", manager.retryBackoff)
        list.add("task_manager.claim_timeout", manager.claimTimeout)
        list.add("task_manager.retries", manager.retries.rawValue)
        list.add("task_manager.unknown_types", manager.unknownTypes.rawValue)
        list.add("task_manager.durability", manager.durability.rawValue)
        list.add("task_manager.keep.completed", manager.keep.completed.map(DurationText.text) ?? "forever")
        list.add("task_manager.keep.max_completed", manager.keep.maxCompleted.map { String($0) } ?? "unlimited")
        list.add("task_manager.keep.failed", manager.keep.failed.map(DurationText.text) ?? "forever")
        list.add("task_manager.keep.max_failed", manager.keep.maxFailed.map { String($0) } ?? "unlimited")
    }

    private static func text(_ endpoint: MonitoringConfiguration.Endpoint) -> String {
        "\(endpoint.enabled ? "on" : "off"), port \(endpoint.port), path \(endpoint.path)"
    }
}
