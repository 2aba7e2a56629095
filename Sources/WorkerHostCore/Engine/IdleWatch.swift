/// Ends a host that runs until idle: when no task waits or runs, or only tasks of workers that cannot be started.
struct IdleWatch: Sendable {
    /// A worker that could not be started at so many probes is not waited for any longer.
    private static let patience = 2
    private static let interval = Duration.milliseconds(50)

    let engine: Engine

    /// Runs until the host is idle or the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.interval) } catch { return }
            guard engine.holdings.count == 0 else { continue }
            do {
                if let reason = try await reasonToEnd() {
                    engine.stop(reason: reason)
                    return
                }
                // No sign of health: counts are answered by a queue that cannot be written, too.
            } catch {
                // Cancelled, or the TaskManager does not answer now; the contact says so, and the next look may go well.
                if !Task.isCancelled { engine.contact.failed("\(error)") }
            }
        }
    }

    private func reasonToEnd() async throws -> String? {
        guard let counts = try await engine.taskManager.taskCounts() else {
            return engine.proxies.allSatisfy(\.lastClaimWasEmpty) && engine.holdings.count == 0
                ? "no task was found" : nil
        }
        if counts.pending == 0, counts.running == 0 { return "the queue is empty" }
        let stuck = engine.proxies.filter { ($0.trouble?.failedProbes ?? 0) >= Self.patience }
        guard !stuck.isEmpty, counts.running == 0 else { return nil }
        let helped = engine.proxies.filter { $0.isHealthy }.flatMap(\.configuration.taskTypes)
        let selectors = stuck.flatMap(\.configuration.taskTypes).filter { !helped.contains($0) }
        guard !selectors.isEmpty else { return nil }
        let waiting = try await engine.taskManager.pendingCount(types: selectors)
        return waiting == counts.pending ? "the tasks that are left wait for workers that cannot be started" : nil
    }
}
