import Foundation
import GRDB
import Testing
import WorkerHostCore

@testable import WorkerHostSQLite

/// The outbox file: what is stored is there until it is settled, whoever dies.
@Suite struct OutboxTests {
    private let fixture: QueueFixture

    init() throws { fixture = try QueueFixture() }

    private var path: String { fixture.directory + "/outbox.sqlite" }

    private func outbox(
        _ owner: String? = "h1", _ change: (inout SQLiteOutbox.Options) -> Void = { _ in }
    ) async throws -> SQLiteOutbox {
        var options = SQLiteOutbox.Options()
        change(&options)
        let outbox = try SQLiteOutbox(path: path, options: options)
        if let owner { try await outbox.open(owner: owner) }
        return outbox
    }

    private func report(
        _ task: String,
        _ outcome: TaskReport.Outcome = .succeeded(TaskResult(value: RawJSON(unchecked: Array("{\"ok\": 1.0}".utf8)))),
        lease: String = "a"
    ) -> OutboxOutcome {
        let record = AttemptRecord(
            worker: "w", number: 2, pid: 7, startedAt: Timestamp(microseconds: 5), endedAt: Timestamp(microseconds: 9),
            usage: ResourceUsage(userTime: .milliseconds(3), systemTime: .milliseconds(1), peakMemory: 5 << 20),
            incidents: [Incident(at: Timestamp(microseconds: 8), kind: "killed", message: "too slow")])
        return OutboxOutcome(
            report: TaskReport(
                taskID: task, lease: Lease(token: lease, expiresAt: Timestamp(microseconds: 77)), outcome: outcome,
                attempt: record),
            taskType: "T", isRemembered: OutboxEntry.Outcome(outcome) == .failed)
    }

    private static let failure: TaskFailure = {
        var failure = TaskFailure(
            kind: .crashed(signal: 11), type: "SIGSEGV", message: "it crashed\0here", isRetriable: false,
            traceback: "at line 1", exitCode: 3,
            usage: ResourceUsage(userTime: .seconds(1), systemTime: .zero, peakMemory: nil), standardErrorTail: "oh")
        failure.retryAfter = .seconds(5)
        return failure
    }()

    @Test func everyOutcomeComesBackAsItWas() async throws {
        let outbox = try await outbox()
        let logs = RawJSON(unchecked: Array("[{}]".utf8))
        let outcomes: [TaskReport.Outcome] = [
            .succeeded(TaskResult(value: RawJSON(unchecked: Array("[1.0, \"ü\"]".utf8)), logs: logs)),
            .failed(Self.failure), .retry(Self.failure, after: .milliseconds(1500)),
            .released(reason: "stops", after: .seconds(2)),
            .failed(TaskFailure(kind: .resourceLimit(.processorTime), message: "")),
        ]
        let stored = outcomes.enumerated().map { report("t\($0)", $1) }
        let ids = try await outbox.store(stored)
        #expect(ids == ids.sorted() && Set(ids).count == 5)
        let reports = try await outbox.reports(of: ids)
        for (id, outcome) in zip(ids, stored) {
            let (before, after) = (String(reflecting: outcome.report), reports[id].map { String(reflecting: $0) })
            #expect(before == after)
        }
        await outbox.close()
    }

    @Test func settledEntriesGoAndPostponedOnesStay() async throws {
        let outbox = try await outbox()
        let ids = try await outbox.store((1...3).map { report("\($0)") })
        let next = Timestamp.now.advanced(by: .seconds(60))
        try await outbox.settle([
            .gone(id: ids[0]), .postponed(id: ids[1], tries: 4, next: next, error: "busy"),
            .rejected(id: ids[2], reason: "too large", remembered: Self.failure),
        ])
        let entries = try await outbox.entries(limit: 10)
        #expect(entries.map(\.id) == [ids[1], ids[2]])
        #expect(entries[0].tries == 4 && entries[0].nextTry == next && entries[0].lastError == "busy")
        #expect(entries[1].isRejected && entries[1].lastError == "too large" && entries[1].taskType == "T")
        let overview = try await outbox.overview()
        #expect(overview.undelivered == 1 && overview.rejected == 1 && overview.remembered == 1)
        #expect(try await outbox.rejectedCount() == 1)
        #expect(try await outbox.rememberedFailure(ofTask: "3")?.type == "SIGSEGV")
        #expect(try await outbox.entry(ids[2])?.report?.taskID == "3")
        await outbox.close()
    }

    @Test func entriesOfTheDeadAreTakenOverOnceAndThoseOfTheLivingNever() async throws {
        let first = try await outbox("h1")
        let ids = try await first.store([report("1"), report("2")])
        let second = try await outbox("h2")
        #expect(try await second.adopt().isEmpty)
        try await second.settle([.gone(id: ids[0])])
        #expect(try await first.reports(of: ids).count == 2, "what belongs to another is not touched")
        await first.close()
        let adopted = try await second.adopt()
        #expect(adopted.map(\.taskID) == ["1", "2"] && adopted.map(\.lease.token) == ["a", "a"])
        let third = try await outbox("h3")
        #expect(try await third.adopt().isEmpty)
        try await second.settle(ids.map { .gone(id: $0) })
        await second.close()
        #expect(try await third.adopt().isEmpty)
        await third.close()
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.directory)
        #expect(!files.contains { $0.contains("owner") }, "nothing of the hosts is left: \(files)")
    }

    @Test func aTasksEntryIsFoundAndPutUnderItsNewLease() async throws {
        let (first, second) = (try await outbox("h1"), try await outbox("h2"))
        let ids = try await first.store([report("1", .retry(Self.failure, after: .zero)), report("1", lease: "b")])
        let findings = try await second.findings(about: ["1", "9"])
        #expect(findings.undelivered.keys.sorted() == ["1"] && findings.undelivered["1"]?.id == ids[1])
        let entry = try await second.rebind(ids[1], to: Lease(token: "c"))
        #expect(entry?.lease == Lease(token: "c") && entry?.outcome == .succeeded)
        try await first.settle([.gone(id: ids[1])])
        #expect(try await second.reports(of: [ids[1]])[ids[1]]?.lease.token == "c", "it has another owner now")
        try await second.settle([.gone(id: ids[1])])
        #expect(try await second.rebind(ids[1], to: Lease(token: "d")) == nil)
        await first.close()
        await second.close()
    }

    @Test func whatIsKeptIsBounded() async throws {
        let outbox = try await outbox("h1") { options in
            options.mostRejected = 3
            options.mostFailures = 5
        }
        for id in 1...6 {
            let ids = try await outbox.store([report("\(id)", .failed(Self.failure))])
            try await outbox.settle([.rejected(id: ids[0], reason: "no", remembered: nil)])
        }
        #expect(try await outbox.entries(limit: 10).map(\.taskID) == ["4", "5", "6"])
        #expect(try await outbox.overview().remembered == 5)
        #expect(try await outbox.rememberedFailure(ofTask: "1") == nil)
        await outbox.close()
        let forgetful = try await self.outbox("h2") { options in
            options.rememberFailures = .zero
            options.keepRejected = .zero
        }
        #expect(try await forgetful.overview().remembered == 0)
        #expect(try await forgetful.rejectedCount() == 0)
        await forgetful.close()
    }

    @Test func editsByHandAreSeenOnce() async throws {
        let host = try await outbox()
        let ids = try await host.store((1...4).map { report("\($0)") })
        try await host.settle([
            .postponed(id: ids[0], tries: 1, next: .now, error: "x"),
            .rejected(id: ids[1], reason: "no", remembered: nil),
        ])
        #expect(try await host.entriesIfEdited() == nil)
        let hand = try await outbox(nil) { $0.access = .readWrite }
        #expect(try await hand.retry([ids[0], ids[1], 999]) == [ids[0], ids[1]])
        #expect(try await hand.discard([ids[2], 999]) == [ids[2]])
        let entries = try #require(try await host.entriesIfEdited())
        #expect(entries.map(\.id) == [ids[0], ids[1], ids[3]] && entries.allSatisfy { $0.nextTry == nil })
        #expect(try await host.entriesIfEdited() == nil)
        _ = try await host.store([report("5", .failed(Self.failure))])
        #expect(try await hand.forgetFailure(ofTask: "5"))
        #expect(try await host.findings(about: ["5"]).failures.isEmpty)
        await hand.close()
        await host.close()
    }

    @Test func aFileOfAnotherKindIsLeftAloneWithAClearError() async throws {
        let queue = try fixture.open()
        await queue.shutdown()
        let error = #expect(throws: SQLiteQueueError.self) { try SQLiteOutbox(path: fixture.path) }
        #expect(error?.code == .foreignDatabase && error?.message.contains("for the outbox") == true)
        try Data("no database at all, but long enough to look like one".utf8).write(to: URL(fileURLWithPath: path))
        let other = #expect(throws: SQLiteQueueError.self) { try SQLiteOutbox(path: path) }
        #expect(other?.code == .notADatabase)
    }

    @Test func aDamagedEntryIsKeptAndMarked() async throws {
        let outbox = try await outbox()
        let ids = try await outbox.store([report("1"), report("2")])
        try await outbox.connection.write { db, _ in
            try db.execute(sql: "UPDATE entries SET facts = x'FF' WHERE id = ?", arguments: [ids[0]])
        }
        #expect(try await outbox.reports(of: ids).keys.sorted() == [ids[1]])
        #expect(try await outbox.entries(limit: 1, onlyRejected: true).first?.lastError?.contains("damaged") == true)
        #expect(try await outbox.entry(ids[0])?.report == nil)
        await outbox.close()
    }

    @Test func aFullDiskLosesNothingThatWasStored() async throws {
        let outbox = try await outbox()
        let kept = try await outbox.store([report("1")])
        try await outbox.connection.write { db, _ in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        let large = TaskResult(value: RawJSON(unchecked: [UInt8](repeating: 0x31, count: 1 << 20)))
        do {
            _ = try await outbox.store([report("2"), report("3", .succeeded(large))])
            Issue.record("it was stored")
        } catch {
            #expect(error.code == .diskFull && error.message.contains("outbox file"))
        }
        #expect(try await outbox.entries(limit: 9).map(\.id) == kept, "all or none")
        try await outbox.settle([.gone(id: kept[0])])
        await outbox.close()
    }

    @Test func plansUseTheIndexes() async throws {
        let outbox = try await outbox()
        let plans = try await outbox.connection.read { db in
            try [
                "SELECT id FROM entries WHERE task_id = 'x' AND state = 0 ORDER BY id DESC LIMIT 1",
                "SELECT count(*) FROM entries WHERE state = 1",
                "DELETE FROM entries WHERE id = 1 AND owner = 1",
                "SELECT facts FROM failures WHERE task_id = 'x' AND at >= 1",
            ].map { try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \($0)").map { $0["detail"] as String }.joined() }
        }
        #expect(plans.allSatisfy { !$0.contains("SCAN entries") || $0.contains("entries_rejected") }, "\(plans)")
        #expect(plans[3].contains("SEARCH"), "\(plans)")
        await outbox.close()
    }
}
