/// Values of every size that MessagePack writes in a form of its own.
struct MessagePackCheck: ConformanceCheck {
    let name = "msgpack"
    let summary = "numbers, texts and lists of every size of MessagePack are read"

    func tasks(_ subject: ConformanceSubject) -> Int { 1 }

    func reasonToSkip(_ subject: ConformanceSubject) -> String? {
        subject.isMessagePack ? nil : "only for format: msgpack"
    }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        func text(_ count: Int) -> String { "\"\(String(repeating: "a", count: count))\"" }
        func list(_ count: Int) -> String { "[\(Array(repeating: "0", count: count).joined(separator: ","))]" }
        func map(_ count: Int) -> String { "{\((0..<count).map { "\"k\($0)\":0" }.joined(separator: ","))}" }
        let numbers = [
            "0", "-1", "127", "128", "-32", "-33", "255", "256", "65535", "65536", "4294967295", "4294967296",
            "9223372036854775807", "18446744073709551615", "-9223372036854775808", "1.0", "1e-300", "1.5e308",
        ]
        let values =
            numbers + [0, 31, 32, 255, 256, 65_536].map(text) + [15, 16, 65_536].map(list) + [15, 16, 300].map(map)
            + ["null", "true", "false"]
        var task = bench.validTask()
        task.params = ParamsText(bench.subject.task.params)
            .adding("workerhost_check", Array("[\(values.joined(separator: ","))]".utf8))
        let exchange = bench.exchange(task)
        guard bench.valid.isSuccess, !exchange.isAnswered || exchange.reply == nil else {
            return Refusal(what: "every form of MessagePack", canCome: true).judge(exchange, bench.subject)
        }
        return .failed(
            "with numbers, texts and lists of all sizes in the params it \(exchange.text)",
            "Take a MessagePack library for the reading, with 64-bit integers and texts over 64 KiB allowed.")
    }
}
