import Testing

@testable import WorkerHostCore

/// Every pair of what a child said and how it ended has exactly one outcome, and only one pair is a success.
@Suite struct OutcomeTableTests {
    static let said: [(String, Said)] = [
        ("nothing", .nothing),
        ("garbage", .garbage(preview: "hello")),
        ("half", .half(JSONError(.truncated, at: 7))),
        ("too much", .tooMuch(limit: 16)),
        ("wrong task", .wrongTask(id: "other")),
        ("success", .success(TaskResult(value: .emptyObject))),
        ("failure", .failure(ReplyError(type: "E", message: "m", traceback: nil, retryPossible: nil))),
        ("final", .failure(ReplyError(type: "E", message: "m", traceback: nil, retryPossible: false))),
        ("again", .failure(ReplyError(type: "E", message: "m", traceback: nil, retryPossible: true))),
    ]

    /// What is expected, in the order of `said`: a letter for the kind, upper case if it is tried again.
    static let expectations: [(Ended, String)] = [
        (.exited(0), "VVVlVsRpR"),
        (.exited(1), "RRRlRVRpR"),
        (.exited(2), "ppplppppp"),
        (.exited(3), "tttlttttt"),
        (.exited(4), "RRRlRVRpR"),
        (.exited(130), "RRRlRVRpR"),
        (.exited(143), "RRRlRVRpR"),
        (.signaled(9), "CCCCCCCCC"),
        (.unknown, "RRRlRsRpR"),
        (.stopped(.shutdown, .unknown), "IIIIIsRpR"),
        (.stopped(.cancelled, .unknown), "pppppsppp"),
        (.stopped(.deadline, .unknown), "ttttttttt"),
        (.stopped(.deadline, .signaled(15)), "ttttttttt"),
        (.stopped(.deadline, .exited(0)), "ttttttttt"),
        (.stopped(.shutdown, .signaled(15)), "IIIIIIIII"),
        (.stopped(.shutdown, .exited(143)), "IIIIIIIII"),
        (.stopped(.shutdown, .exited(0)), "IIIIIsRpR"),
        (.stopped(.leaseLost, .exited(0)), "nnnnnnnnn"),
        (.stopped(.cancelled, .signaled(15)), "ppppppppp"),
        (.stopped(.cancelled, .exited(143)), "ppppppppp"),
        (.stopped(.cancelled, .exited(0)), "pppppsppp"),
        (.unkillable(.deadline), "ttttttttt"),
        (.unkillable(.shutdown), "IIIIIIIII"),
        (.notStarted(StartError(code: 2, description: "no such file")), "FFFFFFFFF"),
    ]

    @Test(arguments: expectations.indices)
    func everyPairHasItsOutcome(_ row: Int) {
        let (ended, letters) = Self.expectations[row]
        #expect(letters.count == Self.said.count)
        for ((name, said), letter) in zip(Self.said, letters) {
            let outcome = Self.table.outcome(said: said, ended: ended)
            #expect(Self.letter(of: outcome) == letter, "\(name), \(ended)")
        }
    }

    /// It is taken in place of the backoff, if it is a wait.
    @Test(arguments: [
        ("30", 30.0), ("0", 0), ("0.5", 0.5), ("1e99", 30 * 86_400), ("-1", nil), ("\"5\"", nil), ("null", nil),
        ("[1]", nil),
    ])
    func theWaitThatAWorkerAsksFor(_ written: String, _ seconds: Double?) throws {
        let reply = #"{"success":false,"error":{"type":"RetryLater","retry_after":\#(written)}}"#
        let said = ReplyReader.read(Array(reply.utf8), taskID: "t").said
        guard case .failure(let failure) = Self.table.outcome(said: said, ended: .exited(1)) else {
            Issue.record("a failure is a success")
            return
        }
        let policy = RetryPolicy(maxAttempts: 2, backoff: .constant(.seconds(7)))
        let expected = Duration.seconds(seconds ?? 7)
        #expect(policy.decide(after: failure, attempt: 1, random: 0) == .retry(after: expected))
        #expect(policy.decide(after: failure, attempt: 2, random: 0) == .giveUp)
    }

    /// The words of all outcomes.
    @Test func everyOutcomeSaysWhatHappened() throws {
        var lines: [String] = []
        for (ended, _) in Self.expectations {
            lines.append("\(ended):".replacing("WorkerHostCore.", with: "").replacing("ProcessExit.Ending", with: ""))
            let outcomes = Self.said.map { name, said in
                switch Self.table.outcome(said: said, ended: ended) {
                case .success(let result): (name, "success: \(result.value)")
                case .failure(let failure): (name, "\(failure)")
                }
            }
            if Set(outcomes.map(\.1)).count == 1, let (_, text) = outcomes.first {
                lines.append("  whatever it said: \(text)")
            } else {
                lines += outcomes.map { "  \($0): \($1)" }
            }
        }
        let late = OutcomeTable(worker: "w", limit: TimeLimit(duration: .milliseconds(2500), isDeadline: true))
        lines.append("the task's deadline:")
        if case .failure(let failure) = late.outcome(said: .nothing, ended: .stopped(.deadline, .signaled(15))) {
            lines.append("  nothing: \(failure)")
        }
        let silent = Said.failure(ReplyError())
        lines.append("a failure without words:")
        for ended in [Ended.exited(0), .exited(1), .exited(2), .exited(3), .signaled(11)] {
            if case .failure(let failure) = Self.table.outcome(said: silent, ended: ended) {
                lines.append("  \(ended): \(failure)")
            }
        }
        try Golden.check("outcomes.txt", lines)
    }

    private static let table = OutcomeTable(worker: "w", limit: TimeLimit(duration: .seconds(5)))

    private static func letter(of outcome: OutcomeTable.Outcome) -> Character {
        guard case .failure(let failure) = outcome else { return "s" }
        let letter: Character =
            switch failure.kind {
            case .retriable: "r"
            case .permanent: "p"
            case .timeout: "t"
            case .crashed: "c"
            case .resourceLimit: "l"
            case .startFailed: "f"
            case .protocolViolation: "v"
            case .leaseLost: "n"
            case .interrupted: "i"
            case .invalidParameters, .noWorker: "?"
            }
        return failure.isRetriable ? Character(letter.uppercased()) : letter
    }
}
