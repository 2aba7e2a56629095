/// A worker that runs attempts on threads of its own and takes them in batches.
///
/// What the host uses inside: a plain ``Worker`` is wrapped into one.
public protocol DispatchingWorker: Worker {
    /// How many attempts run at once.
    var concurrency: Int { get }

    /// How many of them one process may hold; 1 unless a process is given several that run one after the other.
    var tasksPerSlot: Int { get }

    /// Queues attempts; each is answered once through `sink`.
    func dispatch(_ attempts: [LeasedTask], to sink: any AttemptSink)

    /// Takes back all attempts that were queued and have not been started, if the first of them waits for so long.
    func takeUnstarted(ifWaitingLongerThan wait: Duration) -> [LeasedTask]

    /// Ends the attempt that runs this task under this lease, if it still does; never another one.
    ///
    /// With ``StopReason/cancelled`` an attempt that waits to be started is answered as well
    /// (``AttemptOutcome/cancelledUnstarted(_:worker:)``). The host has noted the request before this call: it lets no
    /// cancelled attempt start any more, and takes whatever lets the task run again as its cancellation.
    func stop(taskID: String, leaseToken: String, reason: StopReason)

    /// Ends all attempts that run.
    /// - Parameter hurry: kill at once rather than after the grace.
    func stopAll(reason: StopReason, hurry: Bool)

    /// Ends the worker's threads; called once nothing runs.
    func close() async
}

extension DispatchingWorker {
    /// A process for each.
    public var tasksPerSlot: Int { 1 }
}
