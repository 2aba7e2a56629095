/// The end of the input is how a host says goodbye.
struct EndOfInputCheck: ConformanceCheck {
    let name = "end-of-input"
    let summary = "at the end of its input it answers what is open and ends with 0"
    let needsSecondTask = true

    func tasks(_ subject: ConformanceSubject) -> Int { 3 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        subject.isPool ? nil : "only for mode: pool"
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        let busy = end(bench, tasks: [bench.validTask(), bench.validTask()])
        guard busy.status == .ok else { return busy }
        let idle = end(bench, tasks: [bench.validTask()], waits: true)
        guard idle.status == .ok else { return idle }
        return .ok("\(busy.message); \(idle.message)")
    }

    /// - Parameter waits: whether the input ends only when all is answered.
    private func end(_ bench: ConformanceBench, tasks: [TaskText], waits: Bool = false) -> ConformanceVerdict {
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        for task in tasks { bench.give(task, to: session) }
        if waits { session.wait(until: bench.deadline) { session.replies.count >= tasks.count } }
        let closedAt = session.now
        session.closeInput()
        session.wait(until: bench.deadline)
        let hasEnded = session.hasExited
        let end = bench.finish(session)
        let when = waits ? "idle" : "with \(DoctorText.count(tasks.count, "task")) open"
        guard hasEnded else {
            return .failed(
                "end of input \(when): it did not end within \(DoctorText.duration(bench.timeout))",
                "End when standard input ends: a pool shrinks and a host stops by that, and kills it after stop_grace. "
                    + "Mind threads that are no daemons.")
        }
        guard session.replies.count >= tasks.count else {
            return .failed(
                "end of input \(when): \(session.replies.count) of them answered before it ended with \(end.text)",
                "Answer what was read before you end, and flush standard output.")
        }
        guard end.exitCode == 0 else {
            return .failed(
                "end of input \(when): it ended with \(end.text)\(end.lastWords)",
                "End with exit code 0 when the input ends; everything else is logged as a crash.")
        }
        return .ok("\(when): ended with 0 after \(DoctorText.duration(max(.zero, end.at - closedAt)))")
    }
}
