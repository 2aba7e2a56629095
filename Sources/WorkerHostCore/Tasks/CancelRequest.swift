/// The wish that a task be ended and never run again, as far as one host is concerned: for the lease that it holds.
///
/// Names the lease and not only the task, so that it can never hit an attempt that was begun later.
public struct CancelRequest: Sendable, Hashable {
    /// The task.
    public let taskID: String
    /// The token of the lease that it had when the request was made.
    public let leaseToken: String
    /// Why, in the words of whoever asked.
    public let reason: String?

    /// A request.
    public init(taskID: String, leaseToken: String, reason: String? = nil) {
        self.taskID = taskID
        self.leaseToken = leaseToken
        self.reason = reason
    }

    /// The report on an attempt of a task that was cancelled: what would let it run again becomes its final failure.
    ///
    /// Finished work counts: a success stays one, and so does a failure that is final by itself. For TaskManagers too,
    /// which may have taken a request that the host had not heard of when it made its report.
    public func applied(to report: TaskReport) -> TaskReport {
        let failure: TaskFailure
        switch report.outcome {
        case .succeeded: return report
        case .failed(let final):
            // The host has said it, if it knew.
            guard final.isCancellation, !final.message.hasSuffix(Self.suffix(reason)) else { return report }
            failure = final.explained(final.message + Self.suffix(reason))
        case .retry(let last, _):
            failure = last.explained(
                "the task was cancelled, so it is not tried again; its last attempt: \(last)\(Self.suffix(reason))")
        case .released(let why, _):
            let what =
                report.attempt.startedAt == nil
                ? "the task was cancelled before it was started"
                : "the task was cancelled; its attempt had been ended already: \(why)"
            failure = .cancelled(what, reason: reason)
        }
        return TaskReport(
            taskID: report.taskID, lease: report.lease, outcome: .failed(failure), attempt: report.attempt)
    }

    fileprivate static func suffix(_ reason: String?) -> String { reason.map { " (reason: \($0))" } ?? "" }
}

extension TaskFailure {
    /// The ``type`` of the failure of a task that was cancelled.
    public static let cancelledType = "Cancelled"

    /// Whether the task was cancelled.
    public var isCancellation: Bool { kind == .permanent && type == Self.cancelledType }

    /// The final failure of a task that was cancelled.
    /// - Parameters:
    ///   - message: what happened, for people.
    ///   - reason: why it was cancelled, in the words of whoever asked.
    public static func cancelled(_ message: String, reason: String?) -> TaskFailure {
        TaskFailure(
            kind: .permanent, type: cancelledType, message: message + CancelRequest.suffix(reason))
    }

    /// A cancellation that keeps what is known of the attempt.
    fileprivate func explained(_ message: String) -> TaskFailure {
        TaskFailure(
            kind: .permanent, type: Self.cancelledType, message: message, traceback: traceback, exitCode: exitCode,
            usage: usage, standardErrorTail: standardErrorTail)
    }
}
