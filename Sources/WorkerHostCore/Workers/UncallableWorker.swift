/// Stands for a service that nobody in this program knows how to call.
struct UncallableWorker: Worker {
    let name: String

    func canHandle(_ taskType: String) -> Bool { true }

    func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        throw TaskFailure(
            kind: .startFailed, type: "StartFailed",
            message: "worker '\(name)' has type: http, which this program has no client for: give WorkerHost its "
                + "remoteWorkers")
    }
}
