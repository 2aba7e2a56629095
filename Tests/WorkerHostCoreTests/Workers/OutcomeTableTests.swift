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
        (.stopped(.deadline, .signaled(15)), "ttttttttt"),
        (.stopped(.deadline, .exited(0)), "ttttttttt"),
        (.stopped(.shutdown, .signaled(15)), "IIIIIIIII"),
        (.stopped(.shutdown, .exited(143)), "IIIIIIIII"),
        (.stopped(.shutdown, .exited(0)), "IIIIIsRpR"),
        (.stopped(.leaseLost, .exited(0)), "nnnnnnnnn"),
        (.stopped(.cancelled, .exited(0)), "ppppppppp"),
        (.unkillable(.deadline), "ttttttttt"),
        (.unkillable(.shutdown), "IIIIIIIII"),
        (.notStarted(StartError(code: 2, description: "no such file")), "FFFFFFFFF"),
    ]

    @Test(arguments: expectations.indices)
    func everyPairHasItsOutcome(_ row: Int) {
        let (ended, letters) = Self.expectations[row]
        #expect(letters.count == Self.said.count)
        for ((name, said), letter) in zip(Self.said, letters) {
            let outcome = OutcomeTable.outcome(said: said, ended: ended, timeout: .seconds(5))
            #expect(Self.letter(of: outcome) == letter, "\(name), \(ended)")
        }
    }

    @Test func aFailureTellsWhatHappened() {
        func message(_ said: Said, _ ended: Ended) -> String {
            switch OutcomeTable.outcome(said: said, ended: ended, timeout: .seconds(5)) {
            case .success: "success"
            case .failure(let failure): failure.description
            }
        }
        #expect(
            message(.nothing, .exited(0))
                == "NoReply: the worker ended with exit code 0 and wrote no reply to standard output")
        #expect(
            message(.garbage(preview: "Hello"), .exited(1))
                == "ExitCode1: the worker ended with exit code 1 and its output holds no reply: Hello")
        #expect(
            message(.half(JSONError(.truncated, at: 7)), .exited(0))
                == "NoReply: the worker ended with exit code 0 in the middle of its reply (the JSON text ends in the middle of a value, at byte 7)"
        )
        #expect(
            message(.nothing, .stopped(.deadline, .signaled(15)))
                == "TimedOut: the worker did not finish within 5.0 s and was ended")
        #expect(
            message(.success(TaskResult(value: .null)), .exited(1))
                == "ContradictoryExit: the worker replied success but ended with exit code 1; the result is not taken")
        #expect(
            message(.nothing, .signaled(9))
                == "Crashed: the worker process was ended by SIGKILL (signal 9); nobody here sent it: perhaps the kernel, when memory ran out and wrote no reply to standard output"
        )
    }

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
