/// Exit codes and replies say the same, in all of the checks before.
struct ExitCodeCheck: ConformanceCheck {
    let name = "exit-code"
    let summary = "exit code and reply agree, in all that was seen"

    func tasks(_ subject: ConformanceSubject) -> Int { 0 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        subject.isOneshot ? nil : "only for a process with one task; else replies count, and 0 at the end"
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        _ = bench.valid
        guard bench.exits.count > 0 else { return .skipped("no reply came with an exit code") }
        return .worst(
            bench.exits.verdicts,
            otherwise: .ok(
                "reply and exit code agreed in \(DoctorText.count(bench.exits.count, "process", "processes"))"))
    }
}
