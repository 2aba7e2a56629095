/// Several frames wait in the pipe, as they do for short tasks.
struct PipeliningCheck: ConformanceCheck {
    static let depth = 16

    let name = "pipelining"
    let summary = "16 tasks that are sent at once are all answered, by id"
    let needsSecondTask = true

    func tasks(_ subject: ConformanceSubject) -> Int { subject.isPool ? Self.depth : 0 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        subject.isPool ? nil : "only for mode: pool"
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        let tasks = (0..<Self.depth).map { _ in bench.validTask() }
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        for task in tasks { bench.give(task, to: session) }
        let all = session.wait(until: bench.deadline) { session.replies.count >= Self.depth }
        let replies = session.replies
        let end = bench.finish(session)
        guard all else {
            let why = end.isOwn ? ", then it ended with \(end.text)\(end.lastWords)" : ""
            return .failed(
                "\(replies.count) of \(Self.depth) tasks that were sent at once were answered\(why)",
                "Reading one line may bring several: keep what was read too much for the next round, and do not drop it "
                    + "or wait for more. Where tasks take long: --timeout.")
        }
        let ids = replies.compactMap(\.id)
        let expected = Set(tasks.compactMap(\.id))
        if ids.isEmpty {
            return .ok("\(Self.depth) at once: all answered, without ids: they must stay in their order")
        }
        let strange = ids.filter { !expected.contains($0) }
        let isComplete = Set(ids) == expected && session.replies.count == Self.depth
        guard strange.isEmpty, isComplete else {
            return .failed(
                "\(Self.depth) at once: \(Set(ids).intersection(expected).count) of them were answered by their ids, with "
                    + "\(DoctorText.count(session.replies.count, "reply", "replies"))",
                "Each reply carries the 'id' of its own task: do not keep it in a variable that the next task overwrites."
            )
        }
        return .ok(
            "\(Self.depth) at once: all answered by id, the last after "
                + DoctorText.duration(replies.last?.at ?? .zero))
    }
}
