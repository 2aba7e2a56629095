import Foundation
import Testing
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost outbox`, and what `status` and `explain` say of an outbox.
@Suite struct OutboxTests {
    private let fixture: CommandLineFixture
    private let ids: [Int64]

    /// An outbox of a host that has died, with an outcome that waits, one that was refused and a remembered failure.
    init() async throws {
        fixture = try CommandLineFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.scratch.file("state"), withIntermediateDirectories: true)
        let outbox = try SQLiteOutbox(path: fixture.scratch.file("state/outbox.sqlite"))
        try await outbox.open(owner: "h1")
        func outcome(_ task: String, _ outcome: TaskReport.Outcome) -> OutboxOutcome {
            OutboxOutcome(
                report: TaskReport(
                    taskID: task, lease: Lease(token: "w1"), outcome: outcome,
                    attempt: AttemptRecord(worker: "ok", number: 1, pid: 42)), taskType: "Text.Score",
                isRemembered: true)
        }
        ids = try await outbox.store([
            outcome("71", .succeeded(TaskResult(value: RawJSON(unchecked: Array("{\"n\": 1.0}".utf8))))),
            outcome("72", .succeeded(TaskResult(value: RawJSON(unchecked: Array("{\"large\":[1,2]}".utf8))))),
            outcome("73", .failed(TaskFailure(kind: .permanent, type: "Bad", message: "never"))),
        ])
        try await outbox.settle([
            .postponed(id: ids[0], tries: 3, next: .now.advanced(by: .seconds(600)), error: "connection refused"),
            .rejected(id: ids[1], reason: "too large", remembered: nil), .gone(id: ids[2]),
        ])
        await outbox.close()
    }

    @Test func listTellsWhatWaitsAndWhatWasRefused() async throws {
        let list = try await fixture.run("outbox")
        #expect(list.code == 0 && list.text.contains("1 outcome not delivered"), "\(list)")
        for word in ["71", "Text.Score", "connection refused", "in 9 min", "refused", "too large"] {
            #expect(list.text.contains(word), "\(word): \(list)")
        }
        let json = try #require(try await fixture.run("outbox", "list", "--json").json() as? [String: Any])
        #expect(json["undelivered"] as? Int == 1 && json["rejected"] as? Int == 1)
        let entries = try #require(json["entries"] as? [[String: Any]])
        #expect(entries.map { $0["state"] as? String } == ["undelivered", "rejected"])
        #expect(entries[0]["tries"] as? Int == 3 && entries[0]["next_try_at"] is String)
        let refused = try await fixture.run("outbox", "list", "--rejected", "--json").json() as? [String: Any]
        #expect((refused?["entries"] as? [[String: Any]])?.count == 1)
    }

    @Test func showPrintsTheResultInFull() async throws {
        let result = try await fixture.run("outbox", "show", "\(ids[1])", "--result")
        #expect(result.code == 0 && result.text == "{\"large\":[1,2]}\n")
        let story = try await fixture.run("outbox", "show", "\(ids[1])")
        #expect(story.text.contains("will not take it: too large") && story.text.contains("\"large\""), "\(story)")
        let json = try #require(try await fixture.run("outbox", "show", "\(ids[0])", "--json").json() as? [String: Any])
        #expect((json["result"] as? [String: Any])?["n"] as? Double == 1)
        let unknown = try await fixture.run("outbox", "show", "99")
        #expect(unknown.code == 1 && unknown.errorText.contains("no entry 99"))
    }

    @Test func retryMakesDueAndDiscardSaysWhatIsLost() async throws {
        let retry = try await fixture.run("outbox", "retry", "--all")
        #expect(retry.code == 0 && retry.text.contains("2 outcomes due: the next 'workerhost run'"), "\(retry)")
        let json = try await fixture.run("outbox", "list", "--json").json() as? [String: Any]
        #expect(json?["undelivered"] as? Int == 2 && json?["rejected"] as? Int == 0)
        let offered = try await fixture.run("---completion", "outbox", "show", "--", "positional@0", "0", "0")
        #expect(offered.code == 0 && offered.lines == ids.prefix(2).map(String.init), "\(offered)")
        let plan = try await fixture.run("outbox", "discard", "\(ids[0])", "--dry-run")
        #expect(plan.code == 0 && plan.text.hasPrefix("Would delete entry \(ids[0]): task 71 succeeded, its result"))
        let discard = try await fixture.run("outbox", "discard", "\(ids[0])", "99")
        #expect(discard.code == 1 && discard.text.contains("Deleted entry \(ids[0])"), "\(discard)")
        #expect(discard.errorText.contains("no entry 99"))
        #expect(try await fixture.run("outbox", "retry").code == 2)
        #expect(try await fixture.run("outbox", "discard").code == 2)
    }

    @Test func aRememberedFailureIsToldAndForgotten() async throws {
        let forget = try await fixture.run("outbox", "forget", "73")
        #expect(forget.code == 0 && forget.errorText.contains("is forgotten"), "\(forget)")
        #expect(try await fixture.run("outbox", "forget", "73").code == 1)
    }

    @Test func statusCountsAndAnEmptyOutboxSaysSo() async throws {
        _ = try await fixture.run("submit", "--type", "Text.Score")
        let status = try await fixture.run("status")
        #expect(status.text.contains("1 outcome not delivered") && status.text.contains("1 outcome kept"), "\(status)")
        let json = try await fixture.run("status", "--json").json() as? [String: Any]
        #expect((json?["outbox"] as? [String: Any])?["undelivered"] as? Int == 1)
        let empty = try CommandLineFixture()
        let list = try await empty.run("outbox")
        #expect(list.code == 0 && list.errorText.contains("The outbox is empty"), "\(list)")
        #expect(try await empty.run("outbox", "retry", "1").code == 1)
        #expect(!FileManager.default.fileExists(atPath: empty.scratch.file("state/outbox.sqlite")))
    }
}
