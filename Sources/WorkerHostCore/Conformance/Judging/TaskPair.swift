/// Two valid tasks that one process is given, the second when the first is answered.
struct TaskPair: Sendable {
    let ids: [String]
    let replies: [ConformanceReply]
    /// From the start to the first reply.
    let first: Duration?
    /// From giving the second to its reply.
    let second: Duration?
    let ready: Duration?
    let startFailure: String?
    let end: SessionEnd?

    init(on bench: ConformanceBench) {
        let tasks = [bench.validTask(), bench.validTask()]
        ids = tasks.compactMap(\.id)
        guard case .success(let session) = bench.start() else {
            (replies, first, second, ready, end) = ([], nil, nil, nil, nil)
            startFailure = "no process could be started"
            return
        }
        startFailure = nil
        bench.give(tasks[0], to: session)
        session.wait(until: bench.deadline) { !session.replies.isEmpty }
        first = session.replies.first?.at
        var second: Duration?
        if first != nil, !session.hasExited {
            let given = session.now
            bench.give(tasks[1], to: session)
            session.wait(until: bench.deadline) { session.replies.count > 1 }
            if session.replies.count > 1 { second = session.replies[1].at - given }
        }
        self.second = second
        session.closeInput()
        session.wait(until: MonotonicTime.now.advanced(by: min(.seconds(1), bench.timeout)))
        end = bench.finish(session)
        replies = session.replies
        ready = session.readyAt
    }
}
