import WorkerHostCore

// MARK: - Tasks that the host has

extension ClaimBook {
    /// Under which claim an outcome is told: the newest that this host has of the task.
    func worker(for report: TaskReport) -> String { worker(report.taskID, report.lease) }

    /// The same for the progress of a task.
    func worker(_ taskID: String, _ lease: Lease) -> String {
        if let task = held[taskID], task.leased.lease.token == lease.token { return task.worker }
        return WorkerID.of(token: lease.token)
    }

    /// An outcome was taken, or never will be.
    mutating func settled(_ report: TaskReport) {
        guard held[report.taskID]?.leased.lease.token == report.lease.token else { return }
        held[report.taskID] = nil
    }

    /// A task comes back without an outcome. The API has no way to give it back, so it stays here and is given to the host
    /// again, as long as its claim holds long enough; else it is dropped, and the server hands it out when the claim
    /// has ended.
    mutating func released(_ taskID: String, _ lease: Lease, after delay: Duration, _ now: MonotonicTime) {
        guard let task = held[taskID], task.leased.lease.token == lease.token else { return }
        held[taskID] = nil
        let margin = min(.seconds(10), settings.claimTimeout / 4)
        let notBefore = now.advanced(by: delay)
        guard notBefore.advanced(by: margin) < task.goodUntil else { return }
        var again = task
        let isSameClaim = WorkerID.of(token: lease.token) == task.worker
        again.leased = LeasedTask(
            task: task.leased.task,
            lease: Lease(
                token: isSameClaim ? WorkerID.token(again: lease.token) : task.worker,
                expiresAt: lease.expiresAt.map { end in
                    isSameClaim ? end : Timestamp.now.advanced(by: now.duration(to: task.goodUntil))
                }))
        again.notBefore = notBefore
        ready.append(again)
    }
}
