import Logging

/// Extends the leases of what this host holds, and ends attempts whose lease is lost.
struct LeaseKeeper: Sendable {
    let taskManager: any TaskManagerAdapter
    let holdings: Holdings
    let proxies: [String: WorkerProxy]
    let contact: TaskManagerContact

    /// Runs until the task is cancelled. While nothing is held no timer runs.
    func run() async {
        guard let duration = taskManager.leaseDuration else { return }
        while !Task.isCancelled {
            if holdings.count == 0 {
                await holdings.becameBusy.wait()
                continue
            }
            // Two further tries fit in before the lease ends.
            do { try await Task.sleep(for: duration / 3) } catch { return }
            await extend()
        }
    }

    private func extend() async {
        let entries = holdings.due(.now)
        guard !entries.isEmpty else { return }
        do {
            let lost = Set(try await taskManager.extendLeases(entries.map { ($0.leased.task.id, $0.leased.lease) }))
            contact.succeeded()
            for entry in entries where lost.contains(entry.leased.task.id) {
                proxies[entry.worker]?.worker.stop(
                    taskID: entry.leased.task.id, leaseToken: entry.leased.lease.token, reason: .leaseLost)
            }
        } catch {
            contact.failed("\(error)")
        }
    }
}
