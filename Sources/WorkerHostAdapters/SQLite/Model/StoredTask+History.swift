import WorkerHostCore

extension StoredTask {
    /// The written lines together with what the task's own row tells.
    ///
    /// A task that simply succeeds has no written line at all.
    func history(with written: [TimelineEntry]) -> [TimelineEntry] {
        var lines = [
            TimelineEntry(at: createdAt, attempt: 0, kind: "created", message: "type '\(type)', priority \(priority)")
        ]
        if let claimedAt, status != .pending {
            let owner = leaseOwner.map { "leased by the host '\($0)'" } ?? "leased by a host"
            lines.append(TimelineEntry(at: claimedAt, attempt: attempts, kind: "claimed", message: owner))
        }
        if status.isFinished, let startedAt {
            lines.append(
                TimelineEntry(
                    at: startedAt, attempt: attempts, kind: "started",
                    message: Timeline.startMessage(worker: worker, pid: pid)))
        }
        lines += written
        if status == .completed, let finishedAt {
            lines.append(
                TimelineEntry(
                    at: finishedAt, attempt: attempts, kind: "completed",
                    message: "result of \(result?.bytes.count ?? 0) bytes"))
        }
        // Stable: lines of the same moment stay in the order they were written.
        return lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }
}
