/// Texts beyond ASCII: unharmed if they come back, and survived in any case.
struct UnicodeCheck: ConformanceCheck {
    /// Latin, a combining accent, one beyond the first plane, a line separator.
    static let probe = "\u{E9} e\u{301} \u{1D11E} \u{2028} \u{4F60}"

    let name = "unicode"
    let summary = "texts beyond ASCII, NUL and half surrogates come back unharmed, or are survived"

    func tasks(_ subject: ConformanceSubject) -> Int { 3 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        let probe = Array(Self.probe.utf8)
        let params = ParamsText(bench.subject.task.params)
        let texts = ParamsText(params.appendingToTexts([0x20] + probe)).adding(
            "workerhost_check", [0x22] + probe + [0x22])
        let escapes = params.adding("workerhost_check", Array(#""\u0000 \ud834\udd1e \u2028 \\ \" \/""#.utf8))
        let halves = params.adding("workerhost_check", Array(#""\ud800 \udc00""#.utf8))
        let first = bench.exchange(task(bench, texts))
        if let damage = damage(first) { return damage }
        let verdicts = [
            judge(first, "texts like \u{E9}, \u{4F60} and \u{1D11E}", bench, isStrict: true),
            judge(bench.exchange(task(bench, escapes)), "escaped NUL and surrogate pairs", bench, isStrict: true),
            judge(bench.exchange(task(bench, halves)), "half a surrogate pair", bench, isStrict: false),
        ]
        let echo = Self.strings(in: first.reply?.members["result"]).contains { $0.contains(Self.probe) }
        return .worst(
            verdicts,
            otherwise: .ok(
                echo ? "texts beyond ASCII came back unharmed" : "texts beyond ASCII, NUL and half surrogates: survived"
            ))
    }

    private func task(_ bench: ConformanceBench, _ params: [UInt8]) -> TaskText {
        var task = bench.validTask()
        task.params = params
        return task
    }

    private func judge(
        _ exchange: Exchange, _ what: String, _ bench: ConformanceBench, isStrict: Bool
    ) -> ConformanceVerdict {
        if case .exit = exchange.answer, bench.valid.reply != nil {
            let message = "with \(what) in the params it \(exchange.text)"
            let advice =
                "Read and write UTF-8 whatever the locale says (Python: PYTHONIOENCODING=utf-8, or json.dumps with "
                + "ensure_ascii; Perl: binmode), and refuse what you cannot hold with \"retry_possible\": false."
            return isStrict ? .failed(message, advice) : .warning(message, advice)
        }
        return Refusal(what: what, canCome: true).judge(exchange, bench.subject)
    }

    /// What came back in another form.
    private func damage(_ exchange: Exchange) -> ConformanceVerdict? {
        // Its last letter is there, or what became of it: where the text was cut on purpose nothing is to be said.
        let harmed = Self.strings(in: exchange.reply?.members["result"]).first { text in
            !text.contains(Self.probe) && Self.scars.contains { text.contains($0) }
        }
        guard let harmed else { return nil }
        return .failed(
            "a text came back changed: sent '\(Self.probe)', got '\(harmed.prefix(80))'",
            "Read standard input and write standard output as UTF-8, whatever the locale says.")
    }

    /// UTF-8 read as Latin-1, letters replaced, halves of characters.
    private static let scars = [
        "\u{C3}\u{A9}", "\u{FFFD}", "? e? ", "\u{E9} e \u{1D11E}", "\u{E9} e\u{301} ? ", "?? e",
    ]

    /// All texts in a value.
    private static func strings(in value: JSONValue?) -> [String] {
        switch value {
        case .string(let text)?: [text]
        case .array(let items)?: items.flatMap { strings(in: $0) }
        case .object(let members)?: members.flatMap { [$0.key] + strings(in: $0.value) }
        default: []
        }
    }
}
