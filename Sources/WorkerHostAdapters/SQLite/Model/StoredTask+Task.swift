public import WorkerHostCore

extension StoredTask {
    /// The task as its worker got it, or would get it, in one of its attempts.
    /// - Parameter attempt: the attempt's number, from 1; nil for the last one that was begun, or else the first.
    public func workerTask(attempt: Int? = nil) -> WorkerTask {
        WorkerTask(
            id: id, type: type, params: params,
            metadata: TaskMetadata(
                priority: priority, createdAt: createdAt, attempt: attempt ?? max(1, attempts), deadline: deadline,
                traceParent: traceParent, extra: extra))
    }
}
