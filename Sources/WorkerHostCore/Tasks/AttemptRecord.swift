/// The facts of one attempt: who ran it, when, and what it cost.
public struct AttemptRecord: Sendable {
    /// The worker's name in the configuration.
    public var worker: String
    /// The attempt's number, from 1.
    public var number: Int
    /// The process that ran it; nil if none was started.
    public var pid: Int32?
    /// When the process was started.
    public var startedAt: Timestamp?
    /// When the outcome was known.
    public var endedAt: Timestamp
    /// What it used.
    public var usage: ResourceUsage?
    /// What happened beside a plain start and end, oldest first. Empty for an attempt that simply succeeded.
    public var incidents: [Incident]

    /// A record.
    public init(
        worker: String, number: Int, pid: Int32? = nil, startedAt: Timestamp? = nil, endedAt: Timestamp = .now,
        usage: ResourceUsage? = nil, incidents: [Incident] = []
    ) {
        self.worker = worker
        self.number = number
        self.pid = pid
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.usage = usage
        self.incidents = incidents
    }
}

/// Something worth telling that happened during an attempt: a line of the task's timeline.
public struct Incident: Sendable, Hashable {
    /// When.
    public let at: Timestamp
    /// A stable word for programs: `terminating`, `killed`, `stray_output`, `grandchildren_killed`, …
    public let kind: String
    /// What happened and why, for people.
    public let message: String

    /// An incident.
    public init(at: Timestamp = .now, kind: String, message: String) {
        self.at = at
        self.kind = kind
        self.message = message
    }
}
