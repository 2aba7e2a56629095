/// Several tasks on the input of one process, and a reply to each.
struct BatchCheck: ConformanceCheck {
    private static let size = 8

    let name = "batch"
    let summary = "8 lines get 8 replies, and one that fails does not hurt the others"

    func tasks(_ subject: ConformanceSubject) -> Int { subject.mode == .batch ? Self.size : 0 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        subject.mode == .batch ? nil : "only for mode: batch"
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        var tasks = (0..<Self.size).map { _ in bench.validTask() }
        // One in the middle that most workers cannot do.
        tasks[Self.size / 2].type = UnknownTypeCheck.type
        tasks[Self.size / 2].params = RawJSON.null.bytes
        for task in tasks { bench.give(task, to: session) }
        session.closeInput()
        session.wait(until: bench.deadline)
        let hasEnded = session.hasExited
        let end = bench.finish(session)
        let replies = session.replies
        let expected = Set(tasks.compactMap(\.id))
        let answered = Set(replies.compactMap(\.id)).intersection(expected)
        let advice =
            "Answer every line with one line that has its 'id', catch what goes wrong with one task, and flush."
        guard hasEnded else {
            return .failed(
                "\(replies.count) of \(Self.size) tasks answered, and it did not end within "
                    + DoctorText.duration(bench.timeout), "\(advice) End with 0 when the input ends.")
        }
        guard replies.count == Self.size, answered == expected else {
            return .failed(
                "\(Self.size) tasks: \(answered.count) of them answered by id, with "
                    + "\(DoctorText.count(replies.count, "reply", "replies")), and \(end.text)\(end.lastWords)", advice)
        }
        let poor = replies.filter { $0.id != tasks[Self.size / 2].id && $0.isSuccess != bench.valid.isSuccess }
        guard poor.isEmpty else {
            return .failed(
                "\(poor.count) of \(Self.size) tasks were answered otherwise than the valid task alone "
                    + "(\(poor[0].errorText))",
                "One task must not change what becomes of the others: make no state that outlives a task.")
        }
        guard end.exitCode == 0 else {
            return .failed(
                "all \(Self.size) tasks were answered, and it ended with \(end.text)",
                "End with exit code 0 when every task has its reply: what failed is in the replies.")
        }
        return .ok("\(Self.size) tasks, \(Self.size) replies by id, exit code 0")
    }
}
