/// The valid task once more, behind others that failed: nothing was broken by them.
struct AfterFailureCheck: ConformanceCheck {
    let name = "after-failure"
    let summary = "after tasks that failed a valid one is answered as before"
    let needsSecondTask = true

    func tasks(_ subject: ConformanceSubject) -> Int { subject.isPool ? 3 : 1 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        subject.mode == .batch ? "a batch has one that fails in it: see batch" : nil
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        let before = bench.valid
        if !bench.subject.isPool {
            let again = bench.exchange(bench.validTask())
            return judge(again.isSuccess || again.outcomeKey == before.outcomeKey, before, again.text)
        }
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        var failing = [bench.validTask(), bench.validTask()]
        failing[0].params = RawJSON.null.bytes
        failing[1].type = UnknownTypeCheck.type
        let last = bench.validTask()
        for task in failing + [last] {
            bench.give(task, to: session)
            let count = session.replies.count
            session.wait(until: bench.deadline) { session.replies.count > count || session.hasExited }
        }
        let hadEnded = session.hasExited
        let end = bench.finish(session)
        guard let reply = session.replies.last(where: { $0.id == last.id || $0.id == nil }) else {
            guard hadEnded else { return judge(false, before, "gave no reply") }
            return .warning(
                "a task that failed ended the process, with \(end.text)\(end.lastWords)",
                "Catch what goes wrong with one task and go on with the next: a new process costs its start-up.")
        }
        let text = reply.isSuccess ? "replied success" : "replied failure (\(reply.errorText))"
        return judge(reply.isSuccess == before.isSuccess, before, text)
    }

    private func judge(_ isSame: Bool, _ before: Exchange, _ text: String) -> ConformanceVerdict {
        if isSame { return .ok("a valid task after failed ones: it \(text)") }
        return .failed(
            "at first it \(before.text); after tasks that failed it \(text)",
            "A task that fails must leave nothing behind: close files and transactions, reset what is global, remove lock "
                + "files in every case.")
    }
}
