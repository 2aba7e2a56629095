/// Standard output holds replies and nothing else.
struct StandardOutputCheck: ConformanceCheck {
    let name = "stdout"
    let summary = "nothing but the reply is printed on standard output"

    func tasks(_ subject: ConformanceSubject) -> Int { 0 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        let exchange = bench.valid
        if let broken = exchange.brokenOutput {
            return .failed(
                "behind the reply came what is no frame: \(broken)",
                "Print to standard error: between frames of MessagePack a single stray byte ends the process.")
        }
        guard let first = exchange.strayLines.first else { return .ok("nothing but the reply on standard output") }
        let count = exchange.strayLines.count
        return .warning(
            "\(DoctorText.count(count, "line")) beside the reply on standard output: \(first.prefix(100))",
            "Print to standard error. Each such line is logged with a warning, and one that has no line end swallows the "
                + "reply. The Python package does it by itself.")
    }
}
