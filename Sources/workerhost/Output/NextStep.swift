import WorkerHostCore
import WorkerHostSQLite

/// What will become of a task, in one sentence.
struct NextStep {
    private let story: TaskStory

    init(_ story: TaskStory) {
        self.story = story
    }

    /// The sentence.
    var text: String {
        switch story.task.status {
        case .completed: "It is done; nothing follows."
        case .failed: failed
        case .running: running
        case .pending: pending
        }
    }

    /// What whoever asks can do; nil where nothing has to be done.
    var advice: String? {
        switch story.task.status {
        case .completed, .running: return nil
        case .failed: return StoredTaskText.advice(story.task)
        case .pending:
            if story.worker == nil { return FailureAdvice.nextStep(after: .noWorker, type: "", worker: nil) }
            return StoredTaskText.advice(story.task)
        }
    }

    private var failed: String {
        let retry = "'workerhost dead-letters retry \(story.task.id)'"
        if story.task.isPoison {
            return "It is a dead letter, and poison: what ran it died at each of its "
                + "\(HumanText.count(story.task.deaths, "attempt")). It is parked, so that it can do no more harm. "
                + "Look at the last lines below and at the kernel's log ('journalctl -k': out of memory?); \(retry) tries it "
                + "again once the cause is gone."
        }
        if story.task.isCancelled {
            return "It was cancelled, and is a dead letter. It is not tried again by itself; \(retry) does it."
        }
        let why: String
        let most = story.worker?.retry.maxAttempts
        switch story.task.failure?.kind {
        case "no_worker": why = "no worker is configured for its type"
        case "invalid_parameters": why = "its parameters are not what its type demands"
        case "timeout": why = "it ran out of time"
        case "permanent": why = "the worker said that another try is useless"
        case "resource_limit": why = "it exceeded a limit"
        default:
            if let most, story.task.attempts >= most {
                why = "all \(HumanText.count(most, "attempt")) failed"
            } else {
                why = "it failed for good"
            }
        }
        return "It is a dead letter: \(why). It is not tried again by itself; \(retry) does it once the cause is gone."
    }

    private var running: String {
        guard let owner = story.task.leaseOwner else { return "It is running." }
        let host = story.hosts.first { $0.id == owner }
        let place = host.map { "the host with process \($0.pid)" } ?? "the host '\(PlainText.singleLine(owner))'"
        guard let end = story.task.leaseExpiresAt else { return "It is running on \(place)." }
        let left = story.now.duration(to: end)
        if left <= .zero {
            return "Its lease by \(place) ended \(HumanText.duration(.zero - left)) ago: "
                + "the next host that looks for work takes it back and it runs again."
        }
        if story.hasCancelRequest {
            return "It is being cancelled: \(place) ends its worker, with SIGKILL after the worker's stop_grace."
        }
        return
            "It is leased by \(place); without a sign of life for \(HumanText.duration(left)) it goes to another host."
    }

    private var pending: String {
        let task = story.task
        let host = story.hosts.isEmpty ? " No host is running: start one with 'workerhost run'." : ""
        if story.worker == nil { return "It waits, but no worker is configured for its type.\(host)" }
        if let (record, trouble) = trouble {
            return
                "It waits, because worker '\(trouble.worker)' cannot be started by the host with process "
                + "\(record.process.pid): \(PlainText.singleLine(trouble.reason)) "
                + "(\(HostRecordText.wait(trouble, story.now)))."
        }
        if let notBefore = task.notBefore, notBefore > story.now {
            let wait = HumanText.duration(story.now.duration(to: notBefore))
            let what = task.attempts == 0 ? "run" : "be tried again"
            return "It will \(what) in \(wait).\(host)"
        }
        return (task.attempts == 0 ? "It waits for a free worker." : "It waits to be tried again.") + host
    }

    /// Why none of the hosts can start the task's worker.
    private var trouble: (HostRecord, HostRecord.Trouble)? {
        let name = story.worker?.name
        let found = story.records.map { record in (record, record.troubles.first { $0.worker == name }) }
        guard found.allSatisfy({ $0.1 != nil }), let (record, trouble) = found.first else { return nil }
        return trouble.map { (record, $0) }
    }
}
