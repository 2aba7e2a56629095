/// One process serves more than one task.
struct TwoTasksCheck: ConformanceCheck {
    let name = "two-tasks"
    let summary = "one process serves two tasks, one after the other"

    func tasks(_ subject: ConformanceSubject) -> Int { 0 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        if subject.mode == .batch { return "its tasks come together: see batch" }
        return subject.configuration.mode == .fork ? "every task gets a child of its own" : nil
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        if bench.subject.isOneshot { return .skipped(Self.saving(bench.valid)) }
        let pair = bench.pair
        if let failure = pair.startFailure { return .skipped(failure) }
        guard pair.first != nil else {
            return .failed("no reply to the first of two tasks", "Look at valid-task: this time it did not answer.")
        }
        guard pair.second != nil else {
            let ended = pair.end?.isOwn == true
            return .failed(
                ended
                    ? "it ended with \(pair.end?.text ?? "") after its first reply\(pair.end?.lastWords ?? "")"
                    : "no reply to the second task in the same process",
                "Go on with the next line (of MessagePack: frame) after each reply until the input ends, and flush each "
                    + "reply; or set mode: oneshot, as which a host runs it, with a warning.")
        }
        let replied = pair.replies.prefix(2).map(\.id)
        if zip(replied, pair.ids).contains(where: { $0 != nil && $0 != $1 }) {
            return .failed(
                "the replies to '\(pair.ids[0])' and '\(pair.ids[1])' have the ids "
                    + "'\(replied[0] ?? "")' and '\(replied[1] ?? "")'",
                "Send back the 'id' of the task that the reply is for.")
        }
        if pair.replies.count > 2 {
            return .failed(
                "\(pair.replies.count) replies came to 2 tasks", "Write one reply for each task.")
        }
        return .ok("one process served two tasks, each reply with its id")
    }

    /// What a pool would bring to a worker that has a process for each task.
    private static func saving(_ exchange: Exchange) -> String {
        let text = "a oneshot worker has a process for each task; with mode: pool one would serve many, and save "
        guard let end = exchange.end, let read = exchange.readAfter, read <= end.at else { return text + "its start" }
        return text + "\(DoctorText.duration(read)) of \(DoctorText.duration(end.at)) (its start) for all but the first"
    }
}
