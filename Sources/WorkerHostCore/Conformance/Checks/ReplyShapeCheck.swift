/// The replies of all checks before: their members and sizes.
struct ReplyShapeCheck: ConformanceCheck {
    let name = "reply-shape"
    let summary = "replies have the members that the protocol knows, in all that was seen"

    func tasks(_ subject: ConformanceSubject) -> Int { 0 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        if let reply = bench.valid.reply, !bench.subject.isOneshot { bench.shapes.lookForID(reply) }
        if bench.shapes.failures == 0 {
            // One that fails is worth looking at, too.
            var task = bench.validTask()
            task.params = RawJSON.null.bytes
            _ = bench.exchange(task)
        }
        let shapes = bench.shapes
        guard shapes.successes + shapes.failures > 0 else { return .skipped("no reply came") }
        let replies = DoctorText.count(shapes.successes + shapes.failures, "reply", "replies")
        return .worst(
            shapes.verdicts, otherwise: .ok("\(replies), of them \(shapes.failures) failures, in the protocol's form"))
    }
}
