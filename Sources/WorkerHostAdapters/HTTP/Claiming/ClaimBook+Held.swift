import WorkerHostCore

// MARK: - Tasks that the host has

extension ClaimBook {
    /// Under which claim an outcome is told.
    ///
    /// If the task was claimed again meanwhile, what it came to is told under the newer claim: the server takes it under no
    /// other. A failure after which the task is to run again is not: the newer claim is that next run.
    mutating func beginReport(_ report: TaskReport) -> String {
        adopt(report)
        guard let task = held[report.taskID], task.isUnder(report.lease) else {
            return WorkerID.of(token: report.lease.token)
        }
        held[report.taskID]?.isBeingReported = true
        return worker(for: report, task)
    }

    /// An outcome from before a restart, of a task that this host has claimed again and not started yet: it need not run
    /// again.
    private mutating func adopt(_ report: TaskReport) {
        switch report.outcome {
        case .succeeded, .failed: break
        case .retry, .released: return
        }
        guard held[report.taskID] == nil, let index = ready.firstIndex(where: { $0.id == report.taskID }) else {
            return
        }
        let newer = ready.remove(at: index)
        guard WorkerID.of(token: report.lease.token) != newer.claim.worker else {
            ready.insert(newer, at: index)
            return
        }
        var task = newer
        task.claim = HeldTask.Claim(
            leased: LeasedTask(task: newer.claim.leased.task, lease: report.lease),
            worker: WorkerID.of(token: report.lease.token), goodUntil: newer.claim.goodUntil)
        task.newer = newer.claim
        held[report.taskID] = task
    }

    private func worker(for report: TaskReport, _ task: HeldTask) -> String {
        if case .retry = report.outcome { return task.claim.worker }
        return task.newer?.worker ?? task.claim.worker
    }

    /// Another claim under which an outcome may be told that was refused under this one; nil if there is none.
    func otherWorker(for report: TaskReport, than worker: String) -> String? {
        guard let task = held[report.taskID], task.isUnder(report.lease) else { return nil }
        let other = self.worker(for: report, task)
        return other == worker ? nil : other
    }

    /// Under which claim a task's progress is told.
    func worker(_ taskID: String, _ lease: Lease) -> String {
        if let task = held[taskID], task.isUnder(lease) { return task.newer?.worker ?? task.claim.worker }
        return WorkerID.of(token: lease.token)
    }

    /// A report has an answer.
    /// - Parameters:
    ///   - worker: under which claim it was told.
    ///   - isFinal: whether it is not told again.
    mutating func endReport(_ report: TaskReport, worker: String, isFinal: Bool) {
        guard let task = held[report.taskID], task.isUnder(report.lease) else { return }
        guard isFinal else {
            held[report.taskID]?.isBeingReported = false
            return
        }
        held[report.taskID] = nil
        // The server has handed the task out again after it had taken the report: that is another run.
        if let newer = task.newer, newer.worker != worker {
            ready.append(HeldTask(claim: newer, type: task.type))
        }
    }

    /// A task comes back without an outcome. The API has no way to give it back, so it stays here and is given to the host
    /// again, as long as its claim holds long enough; else it is dropped, and the server hands it out when the claim
    /// has ended.
    mutating func released(_ taskID: String, _ lease: Lease, after delay: Duration, _ now: MonotonicTime) {
        guard let task = held[taskID], task.isUnder(lease) else { return }
        held[taskID] = nil
        var claim = task.newer ?? task.claim
        let margin = min(.seconds(10), settings.claimTimeout / 4)
        let notBefore = now.advanced(by: delay)
        guard notBefore.advanced(by: margin) < claim.goodUntil else { return }
        if task.newer == nil {
            // A lease's token is never used twice; the server does not see what is behind the claim's own text.
            claim.leased = LeasedTask(
                task: claim.leased.task,
                lease: Lease(token: WorkerID.token(again: lease.token), expiresAt: lease.expiresAt))
        }
        ready.append(HeldTask(claim: claim, type: task.type, notBefore: notBefore))
    }
}
