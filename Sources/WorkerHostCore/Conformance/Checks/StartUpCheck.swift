/// What a start costs, beside what a task costs. Never a failure.
struct StartUpCheck: ConformanceCheck {
    let name = "start-up"
    let summary = "how long a start takes, beside the task (information)"

    func tasks(_ subject: ConformanceSubject) -> Int { subject.isPool ? 2 : 0 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        bench.subject.isPool ? inPool(bench.pair) : alone(bench.valid)
    }

    private func alone(_ exchange: Exchange) -> ConformanceVerdict {
        guard let end = exchange.end else { return .ok("not measured") }
        guard let read = exchange.readAfter, read <= end.at else {
            return .ok(
                "\(DoctorText.duration(end.at)) in all; it did not read its task, so its start is not told apart")
        }
        var verdict = ConformanceVerdict.ok(
            "\(DoctorText.duration(read)) until it had read its task, \(DoctorText.duration(end.at)) in all: "
                + "\(Self.percent(read, of: end.at)) of a task's time is its start")
        verdict.facts = ["start_seconds": .seconds(read.inSeconds), "task_seconds": .seconds(end.at.inSeconds)]
        return verdict
    }

    private func inPool(_ pair: TaskPair) -> ConformanceVerdict {
        guard let first = pair.first else { return .ok("not measured") }
        guard let second = pair.second else { return .ok("\(DoctorText.duration(first)) until the first reply") }
        var verdict = ConformanceVerdict.ok(
            "\(DoctorText.duration(first)) until the first reply, \(Self.fine(second)) for the second: the pool saves "
                + "\(Self.percent(first - second, of: first)) of a task's time")
        verdict.facts = ["first_seconds": .seconds(first.inSeconds), "second_seconds": .seconds(second.inSeconds)]
        return verdict
    }

    private static func percent(_ part: Duration, of whole: Duration) -> String {
        guard whole > .zero else { return "0 %" }
        return "\(Int((max(0, part.inSeconds) / whole.inSeconds * 100).rounded())) %"
    }

    /// Below a millisecond `0 ms` would say nothing.
    private static func fine(_ duration: Duration) -> String {
        duration < .milliseconds(1)
            ? "\(duration.wholeMicroseconds) µs" : DoctorText.duration(duration)
    }
}
