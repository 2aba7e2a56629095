import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// What the server does wrong on purpose, and what it must never do wrong: lose what it has answered.
@Suite struct ServerFaultTests {
    private func withTask(_ arguments: String...) async throws -> ExampleServer {
        let server = try await ExampleServer(arguments)
        try await server.register("T")
        _ = try await server.call("POST", "/tasks", #"{"type":"T","params":{"n":1}}"#)
        return server
    }

    private static let claim = #"{"worker_id":"w","task_type_id":1}"#
    private static let done = #"{"worker_id":"w","success":true,"result":{"n":2}}"#

    @Test func aDeadlockChangesNothing() async throws {
        let server = try await withTask("--deadlock-rate", "0.5", "--seed", "7")
        _ = try await server.call("POST", "/tasks/claim", Self.claim)
        var statuses: [Int] = []
        while statuses.last != 200, statuses.count < 100 {
            statuses.append(try await server.call("POST", "/tasks/1/complete", Self.done).status)
        }
        #expect(statuses.last == 200 && statuses.dropLast().allSatisfy { $0 == 500 }, "\(statuses)")
        let all = try await withTask("--claim-deadlock-rate", "1")
        let refused = try await all.call("POST", "/tasks/claim", Self.claim)
        #expect(refused.status == 500 && refused.text.contains("SQLSTATE[40001]"), "\(refused)")
        #expect(try await all.data("GET", "/tasks/1")["status"] as? String == "pending")
    }

    @Test func aLostAnswerIsForWorkThatWasDone() async throws {
        let server = try await ExampleServer(["--fill", "1:T", "--lose-answer-rate", "1"])
        await #expect(throws: PlainHTTP.NoAnswer.self) {
            try await server.call("POST", "/tasks/claim", Self.claim)
        }
        #expect(try await server.data("GET", "/tasks/1")["status"] as? String == "claimed")
    }

    @Test func warningsAndEmptyAnswers() async throws {
        let server = try await ExampleServer(["--fill", "1:T", "--html-warning-rate", "1"])
        let refused = try await server.call("POST", "/tasks/claim", #"{"worker_id":"w"}"#)
        #expect(refused.status == 200 && refused.text.hasPrefix("<br />\n<b>Warning</b>"), "\(refused)")
        #expect(refused.text.contains(#"{"success":false,"error":"Missing required field: task_type_id""#))
        let empty = try await ExampleServer(["--fill", "1:T", "--empty-500-rate", "1"])
        let nothing = try await empty.call("POST", "/tasks/claim", Self.claim)
        #expect(nothing.status == 500 && nothing.body.isEmpty)
        let half = try await ExampleServer(["--fill", "1:T", "--half-failure-rate", "1"])
        _ = try await half.call("POST", "/tasks/claim", Self.claim)
        let failure = #"{"worker_id":"w","success":false,"error":"x"}"#
        #expect(try await half.call("POST", "/tasks/1/complete", failure).text.contains("SQLSTATE[40001]"))
        #expect(try await half.call("POST", "/tasks/1/complete", failure).status == 400)
        #expect(try await half.data("GET", "/tasks/1")["status"] as? String == "failed")
    }

    @Test func nothingThatWasAnsweredIsLostByAKill() async throws {
        let scratch = try ScratchDirectory()
        let data = scratch.file("t.sqlite")
        var server = try await ExampleServer.restartable(["--fill", "200:T"], data: data)
        let port = server.port
        var completed: Set<Int> = []
        var claimed: [Int] = []
        for round in 1...4 {
            // Killed amid the work of eight clients: each has noted what it was told.
            let answers = await withTaskGroup(of: (Int, isCompleted: Bool)?.self) { group in
                for number in 0..<24 {
                    group.addTask { [server] in
                        let worker = "w-\(round)-\(number)"
                        let claim = #"{"worker_id":"\#(worker)","task_type_id":1}"#
                        guard let id = try? await server.data("POST", "/tasks/claim", claim)["id"] as? Int else {
                            return nil
                        }
                        if number == 12 { server.command.signal(SIGKILL) }
                        let body = #"{"worker_id":"\#(worker)","success":true,"result":{"n":\#(id)}}"#
                        let answer = try? await server.call("POST", "/tasks/\(id)/complete", body)
                        return (id, answer?.status == 200)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            _ = await server.command.outcome()
            completed.formUnion(answers.compactMap { $0 }.filter(\.isCompleted).map(\.0))
            claimed += answers.compactMap { $0?.0 }
            server = try await ExampleServer(data: data, port: port)
        }
        for id in completed {
            let task = try await server.data("GET", "/tasks/\(id)")
            #expect(
                task["status"] as? String == "completed" && (task["result"] as? [String: Int])?["n"] == id, "\(task)")
        }
        #expect(Set(claimed).count == claimed.count, "no task was given out twice")
        let audit = try Audit(path: data)
        #expect(audit.completions.values.allSatisfy { $0 == 1 })
        #expect(completed.isSubset(of: Set(audit.completions.keys)))
        server.command.signal(SIGTERM)
        let outcome = await server.command.outcome()
        #expect(outcome.code == 0, "\(outcome)")
        #expect(!outcome.text.contains(ExampleServer.key) && !outcome.errorText.contains(ExampleServer.key))
    }

    @Test func clocksThatDifferGiveAFreshClaimAway() async throws {
        let server = try await ExampleServer(["--quirks", "--fill", "1:T", "--clock-skew", "3600"])
        #expect(try await server.data("POST", "/tasks/claim", Self.claim)["attempts"] as? Int == 1)
        let second = #"{"worker_id":"x","task_type_id":1}"#
        #expect(try await server.data("POST", "/tasks/claim", second)["attempts"] as? Int == 2)
        #expect(try await server.call("POST", "/tasks/1/complete", Self.done).status == 403)
    }

    @Test(arguments: [false, true])
    func manyClientsGetEachTaskOnce(quirks: Bool) async throws {
        let server = try await ExampleServer(["--fill", "300:T"] + (quirks ? ["--quirks"] : []))
        let ids = await withTaskGroup(of: [Int].self) { group in
            for client in 0..<8 {
                group.addTask {
                    var ids: [Int] = []
                    let claim = #"{"worker_id":"w\#(client)","task_type_id":1}"#
                    while let id = try? await server.data("POST", "/tasks/claim", claim)["id"] as? Int {
                        ids.append(id)
                    }
                    return ids
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(ids.sorted() == Array(1...300))
    }

    @Test(arguments: [false, true])
    func oneOfManyEqualTasksIsCreated(quirks: Bool) async throws {
        let server = try await ExampleServer(quirks ? ["--quirks"] : [])
        try await server.register("T")
        let body = #"{"type":"T","params":{"n":1}}"#
        let answers = await withTaskGroup(of: PlainHTTP.Response?.self) { group in
            for _ in 0..<24 { group.addTask { try? await server.call("POST", "/tasks", body) } }
            return await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
        }
        #expect(answers.count == 24)
        #expect(answers.count { $0.text.contains("Task created successfully") } == 1)
        #expect(
            answers.allSatisfy { answer in
                answer.text.contains(#""id":1"#) || answer.text.contains(#""id":"1""#)
                    || quirks && answer.status == 500 && answer.text.contains("1062 Duplicate entry")
            }, "\(answers)")
        #expect(try await server.data("GET", "/tasks")["count"] as? Int == 1)
    }

    @Test func badOptionsAreExplained() async throws {
        let runner = CommandRunner(executable: CommandRunner.buildDirectory + "/taskmanagerserver")
        for arguments in [
            ["--deadlock-rate", "2"], ["--rate-limit", "5"], ["--fill", "x"], ["--claim-timeout", "0"],
        ] {
            let outcome = try await runner.run(arguments)
            #expect(
                outcome.code == 64
                    && outcome.errorText.contains(arguments[0].hasSuffix("rate") ? "0 to 1" : arguments[0]))
        }
    }
}
