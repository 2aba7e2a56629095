/// The `ready` message: it may be left out, but who sends it sends it in time.
struct ReadyCheck: ConformanceCheck {
    let name = "ready"
    let summary = "the ready message comes first, once, and without a task"

    func tasks(_ subject: ConformanceSubject) -> Int { 0 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        subject.isPool ? nil : "only for mode: pool"
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        guard bench.valid.saidReady else {
            return .ok(
                "it does not say ready, which it need not: it is given its first task at once, and that task counts")
        }
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        let limit = min(bench.subject.configuration.pool.startupTimeout, bench.timeout)
        let moment = MonotonicTime.now.advanced(by: limit)
        session.wait(until: moment) { session.readyAt != nil || session.hasExited }
        let at = session.readyAt
        session.closeInput()
        session.wait(until: MonotonicTime.now.advanced(by: min(.seconds(1), bench.timeout)))
        _ = bench.finish(session)
        guard let at else {
            return .failed(
                "it says ready when it was given a task, and says nothing within \(DoctorText.duration(limit)) without one",
                "Write {\"kind\":\"ready\"} as soon as tasks can come, and flush it: a worker that is known to say so is "
                    + "given nothing before.")
        }
        return judge(session.messages, at)
    }

    private func judge(_ messages: [SessionMessage], _ at: Duration) -> ConformanceVerdict {
        var readies: [[String: JSONValue]] = []
        for message in messages { if case .ready(let members) = message.content { readies.append(members) } }
        if readies.count > 1 {
            return .warning(
                "it said ready \(readies.count) times", "Say it once, when the first task can come.")
        }
        guard let concurrency = readies.first?["concurrency"] else {
            return .ok("it says ready after \(DoctorText.duration(at))")
        }
        guard case .number(let number) = concurrency, number.isInteger, number.double >= 1 else {
            return .failed(
                "the 'concurrency' of its ready message is no number from 1 on",
                "Leave it out for a worker that does one task at a time, or make it the number of tasks side by side.")
        }
        return .ok("it says ready after \(DoctorText.duration(at)), for \(number.text) tasks side by side")
    }
}
