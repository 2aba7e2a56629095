/// The input breaks off in the middle of a frame: its host has died.
struct HalfFrameCheck: ConformanceCheck {
    let name = "half-frame"
    let summary = "half a frame at the end of the input is no task, and no reason to hang"

    func tasks(_ subject: ConformanceSubject) -> Int { 2 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        subject.isOneshot ? "only for mode: pool and batch" : nil
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        let (whole, half) = (bench.validTask(), bench.validTask())
        bench.give(whole, to: session)
        bench.given += 1
        do throws(MessagePackEncodingError) {
            let frame = try half.frame(bench.subject)
            session.send(Array(frame.prefix(frame.count / 2)))
        } catch {
            return .skipped("\(error)")
        }
        if bench.subject.isPool { session.wait(until: bench.deadline) { !session.replies.isEmpty } }
        session.closeInput()
        session.wait(until: bench.deadline)
        let hasEnded = session.hasExited
        let end = bench.finish(session)
        let advice =
            "Treat a frame that breaks off as the end of the input: end with 0, or with 2 and a word on standard "
            + "error."
        guard hasEnded else {
            return .failed(
                "half a frame, then the end: it did not end within \(DoctorText.duration(bench.timeout))", advice)
        }
        if case .signaled? = end.ending {
            return .failed("half a frame, then the end: it was ended by \(end.text)\(end.lastWords)", advice)
        }
        // They may come in any order.
        let successes = session.replies.filter(\.isSuccess)
        if successes.count > 1 || successes.contains(where: { $0.id != nil && $0.id != whole.id }) {
            return .failed("half a frame, then the end: it replied success to it", advice)
        }
        if let code = end.exitCode, code != 0, code != 2 {
            return .warning("half a frame, then the end: it ended with exit code \(code)\(end.lastWords)", advice)
        }
        return .ok("half a frame, then the end: it ended with \(end.text)")
    }
}
