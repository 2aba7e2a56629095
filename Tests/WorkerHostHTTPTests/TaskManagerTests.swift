import Logging
import Foundation
import Testing
import WorkerHostCore

@testable import WorkerHostHTTP

/// The adapter against the API in memory.
@Suite struct TaskManagerTests {
    private func adapter(
        _ server: FakeTaskManager, key: String = "k3y", poll: Duration = .milliseconds(100),
        registrations: [TaskTypeRegistration] = [], logger: Logger? = nil
    ) throws -> HTTPTaskManager {
        try HTTPTaskManager(
            try server.address,
            options: HTTPTaskManager.Options(
                client: HTTPClientSettings(apiKey: Secret(key), timeout: .seconds(20)), pollInterval: poll,
                retryBackoff: .milliseconds(50), registrations: registrations),
            logger: logger ?? LogRecorder().logger())
    }

    private func receive(_ adapter: HTTPTaskManager, limit: Int = 10, _ types: [String]) async throws -> [LeasedTask] {
        for _ in 0..<300 {
            let tasks = try await adapter.receiveTasks(limit: limit, types: types)
            if !tasks.isEmpty { return tasks }
        }
        return []
    }

    /// The first error of claims: one that has no answer within its poll interval ends without one.
    private func trouble(_ adapter: HTTPTaskManager, _ types: [String]) async -> (any Error)? {
        for _ in 0..<300 {
            do { _ = try await adapter.receiveTasks(limit: 1, types: types) } catch { return error }
        }
        return nil
    }

    private func report(
        _ leased: LeasedTask, _ outcome: TaskReport.Outcome = .succeeded(TaskResult(value: .emptyObject))
    )
        -> TaskReport
    {
        TaskReport(
            taskID: leased.task.id, lease: leased.lease, outcome: outcome,
            attempt: AttemptRecord(worker: "a", number: 1))
    }

    @Test func aTaskIsClaimedAndReported() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        let id = server.add("A", params: #"{"n":12345678901234567890}"#)
        let adapter = try adapter(server)
        let task = try #require(try await receive(adapter, ["A"]).first)
        #expect(task.task.id == id && task.task.params.text == #"{"n":12345678901234567890}"#)
        #expect(task.task.metadata.attempt == 1 && task.task.metadata.priority == 3)
        #expect(try await adapter.complete([report(task)]) == [.accepted])
        #expect(server.task(id)?.status == "completed")
        await adapter.shutdown()
    }

    @Test func manyTasksOfManyTypes() async throws {
        let server = try FakeTaskManager(types: ["A", "B", "C"])
        defer { server.stop() }
        for number in 0..<300 { server.add(["A", "B", "C"][number % 3]) }
        let adapter = try adapter(server)
        var seen = Set<String>()
        while seen.count < 300 {
            let tasks = try await receive(adapter, limit: 20, ["A", "B", "C"])
            #expect(!tasks.isEmpty && tasks.count <= 20)
            guard !tasks.isEmpty else { break }
            for task in tasks { #expect(seen.insert(task.task.id).inserted, "task \(task.task.id) twice") }
            #expect(try await adapter.complete(tasks.map { report($0) }) == tasks.map { _ in .accepted })
        }
        let workers = server.claims.map(\.worker)
        #expect(Set(workers).count == workers.count, "each claim has a text of its own")
        await adapter.shutdown()
    }

    @Test func anIdleHostAsksSeldom() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        let adapter = try adapter(server, poll: .seconds(3600))
        let waiting = Task { try await adapter.receiveTasks(limit: 16, types: ["A"]) }
        #expect(await eventually { server.claims.count == 1 })
        waiting.cancel()
        #expect(try await waiting.value.isEmpty)
        for _ in 0..<20 {
            let waiting = Task { try await adapter.receiveTasks(limit: 16, types: ["A"]) }
            waiting.cancel()
            #expect(try await waiting.value.isEmpty)
        }
        #expect(server.claims.count == 1)
        await adapter.shutdown()
    }

    @Test func aClaimWhoseCallerHasGoneIsNotForgotten() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        let gate = Guarded(false)
        server.add("A")
        server.intercept { request in
            // The claim is served, slowly.
            while request.path.hasSuffix("/claim"), !gate.withLock({ $0 }) { usleepABit() }
            return nil
        }
        let adapter = try adapter(server, poll: .seconds(60))
        let caller = Task { try await adapter.receiveTasks(limit: 1, types: ["A"]) }
        #expect(await eventually { server.state.withLock { $0.calls.contains("/tasks/claim") } })
        caller.cancel()
        #expect(try await caller.value.isEmpty)
        gate.withLock { $0 = true }
        #expect(try await receive(adapter, ["A"]).map(\.task.id) == ["1"])
        await adapter.shutdown()
    }

    @Test func aTaskThatStillRunsHereIsNotGivenOutAgain() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        let id = server.add("A")
        let log = LogRecorder()
        let adapter = try adapter(server, poll: .milliseconds(20), logger: log.logger())
        let first = try #require(try await receive(adapter, ["A"]).first)
        // The server takes the claim back, and hands the task out to whoever asks.
        server.change(id) { $0.status = "pending" }
        for _ in 0..<1000 where server.task(id)?.claims.count != 2 {
            #expect(try await adapter.receiveTasks(limit: 4, types: ["A"]).isEmpty)
        }
        #expect(server.task(id)?.claims.count == 2)
        #expect(try await adapter.receiveTasks(limit: 4, types: ["A"]).isEmpty)
        #expect(try await adapter.complete([report(first)]) == [.accepted])
        #expect(
            server.task(id)?.status == "completed" && server.task(id)?.completes.last == server.task(id)?.claims.last)
        #expect(log.text.contains("handed out a task again"))
        await adapter.shutdown()
    }

    @Test func deadlocksAreMetAgain() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        for _ in 0..<40 { server.add("A") }
        let counter = Guarded(0)
        server.intercept { request in
            guard request.path.hasSuffix("/complete") || request.path.hasSuffix("/claim") else { return nil }
            let number = counter.withLock { counter in
                counter += 1
                return counter
            }
            return number % 3 == 0 ? Answers.deadlock : nil
        }
        let adapter = try adapter(server)
        var done = 0
        while done < 40 {
            let tasks = try await receive(adapter, limit: 8, ["A"])
            var open = tasks.map { report($0) }
            guard !open.isEmpty else { break }
            while !open.isEmpty {
                let answers = try await adapter.complete(open)
                done += answers.count { $0 == .accepted }
                open = zip(open, answers).filter { $0.1 != .accepted }.map(\.0)
            }
        }
        #expect(done == 40)
        #expect(server.state.withLock { $0.tasks.allSatisfy { $0.status == "completed" && $0.completes.count == 1 } })
        await adapter.shutdown()
    }

    @Test func anAnswerThatWasLostIsFoundOut() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        let id = server.add("A")
        let adapter = try adapter(server)
        let task = try #require(try await receive(adapter, ["A"]).first)
        #expect(try await adapter.complete([report(task)]) == [.accepted])
        // As after a connection that broke behind the server's work.
        #expect(try await adapter.complete([report(task)]) == [.accepted])
        #expect(server.task(id)?.completes.count == 1)
        await adapter.shutdown()
    }

    @Test func aClaimWhoseAnswerWasLostIsFound() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        let id = server.add("A", params: #"{"n":1.50}"#)
        let claims = Guarded(0)
        // The first claim is made, and its answer never arrives; neither does that of libcurl's own second try.
        server.losesAnswer { request in
            request.path.hasSuffix("/claim")
                && claims.withLock { claims in
                    claims += 1
                    return claims <= 2
                }
        }
        let adapter = try adapter(server)
        var found: [LeasedTask] = []
        _ = await eventually {
            // While the server does not answer it throws.
            found = (try? await adapter.receiveTasks(limit: 1, types: ["A"])) ?? []
            return !found.isEmpty
        }
        let task = try #require(found.first)
        #expect(task.task.id == id && task.task.params.text == #"{"n":1.50}"# && task.task.metadata.attempt == 1)
        #expect(server.task(id)?.claims == [task.lease.token])
        #expect(try await adapter.complete([report(task)]) == [.accepted])
        await adapter.shutdown()
    }

    @Test func aRefusedKeyStopsClaimsAndIsNeverShown() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        server.add("A")
        let log = LogRecorder()
        let adapter = try adapter(server, key: "hunter2", logger: log.logger())
        let error = "\(try #require(await trouble(adapter, ["A"])))"
        #expect(error.contains("the key is refused") && error.contains("task_manager.api_key"))
        #expect(!error.contains("hunter2"))
        guard case .unhealthy(let reason) = await adapter.healthCheck() else {
            Issue.record("it is not well")
            return
        }
        #expect(!reason.contains("hunter2") && !log.text.contains("hunter2"))
        #expect(log.count == 0, "the host says it, once: \(log.text)")
        await adapter.shutdown()
    }

    @Test func aServerThatComesBackIsFoundAgain() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        server.add("A")
        let isDown = Guarded(true)
        server.intercept { _ in isDown.withLock { $0 } ? Answers.error(500, "Internal server error") : nil }
        let adapter = try adapter(server)
        #expect(await trouble(adapter, ["A"]) is HTTPTaskManagerError)
        let waiting = Task { try await adapter.receiveTasks(limit: 1, types: ["A"]) }
        #expect(await eventually { server.state.withLock { $0.calls.count } >= 3 })
        isDown.withLock { $0 = false }
        // Whoever waits is let go when the server answers, with a task or to ask again.
        var found = try await waiting.value
        if found.isEmpty { found = try await receive(adapter, ["A"]) }
        #expect(found.map(\.task.id) == ["1"])
        #expect(await adapter.healthCheck() == .healthy)
        await adapter.shutdown()
    }

    @Test func aReportWhileTheServerIsAwayThrows() async throws {
        let server = try FakeTaskManager(types: ["A"])
        let adapter = try adapter(server)
        server.add("A")
        let task = try #require(try await receive(adapter, ["A"]).first)
        server.stop()
        await #expect(throws: HTTPError.self) { _ = try await adapter.complete([report(task)]) }
        await adapter.shutdown()
    }

    @Test func typesAreRegisteredWhereTheirWorkersHaveASchema() async throws {
        let server = try FakeTaskManager(types: [])
        defer { server.stop() }
        let schema = RawJSON(unchecked: Array(#"{"type":"object"}"#.utf8))
        let adapter = try adapter(server, registrations: [TaskTypeRegistration(name: "New", schema: schema)])
        let isThere = try await eventually {
            _ = try await adapter.receiveTasks(limit: 1, types: ["New"])
            return server.state.withLock { $0.types["New"] } != nil
        }
        #expect(isThere)
        server.add("New")
        #expect(try await receive(adapter, ["New"]).count == 1)
        await adapter.shutdown()
    }

    /// The server loses `/api` wherever it stands in a path: the look for such a type ends at an address that is not there.
    @Test func aTypeWhoseNameThePathHidesHoldsUpNoOther() async throws {
        let server = try FakeTaskManager(types: ["A", "api.sync"])
        defer { server.stop() }
        let log = LogRecorder()
        let first = server.add("A")
        let adapter = try adapter(server, logger: log.logger())
        #expect(try await receive(adapter, limit: 1, ["api.sync", "A"]).first?.task.id == first)
        let second = server.add("A")
        #expect(try await receive(adapter, limit: 1, ["api.sync", "A"]).first?.task.id == second)
        #expect(await adapter.healthCheck() == .healthy)
        #expect(log.text.contains("register_task_types") && !log.text.contains("task_manager.url"))
        await adapter.shutdown()
    }

    @Test func aTypeWhoseNameThePathHidesCanBeRegistered() async throws {
        let server = try FakeTaskManager(types: ["api.sync"])
        defer { server.stop() }
        let id = server.add("api.sync")
        let schema = RawJSON(unchecked: Array(#"{"type":"object"}"#.utf8))
        let adapter = try adapter(
            server, registrations: [TaskTypeRegistration(name: "api.sync", schema: schema)])
        #expect(try await receive(adapter, ["api.sync"]).first?.task.id == id)
        await adapter.shutdown()
    }

    @Test func typesMustBeNamed() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        let adapter = try adapter(server)
        await #expect(throws: HTTPTaskManagerError.self) {
            try await adapter.start(HostIdentity(id: "h", pid: 1, types: ["A.*"]))
        }
        try await adapter.start(HostIdentity(id: "h", pid: 1, types: ["A"]))
        #expect(try HTTPTaskManager.names(["A", "!A.B", "A", "B"]) == ["A", "B"])
        await adapter.shutdown()
    }

    @Test func progressNeverHurtsATask() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        server.add("A")
        let adapter = try adapter(server)
        let task = try #require(try await receive(adapter, ["A"]).first)
        server.intercept {
            $0.path.hasSuffix("/progress") ? Answers.error(403, "Task is claimed by another worker") : nil
        }
        try await adapter.reportProgress(taskID: "1", lease: task.lease, percent: 50, message: "half")
        #expect(server.state.withLock { $0.calls.contains("/tasks/1/progress") })
        #expect(try await adapter.complete([report(task)]) == [.accepted])
        await adapter.shutdown()
    }

    @Test func releasedTasksComeAgainFromHere() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        let id = server.add("A")
        let adapter = try adapter(server)
        let task = try #require(try await receive(adapter, ["A"]).first)
        #expect(try await adapter.complete([report(task, .released(reason: "no slot", after: .zero))]) == [.accepted])
        let again = try #require(try await receive(adapter, ["A"]).first)
        #expect(again.task.id == id && again.lease.token != task.lease.token)
        #expect(server.task(id)?.claims.count == 1 && server.task(id)?.attempts == 1)
        #expect(try await adapter.complete([report(again)]) == [.accepted])
        await adapter.shutdown()
    }

    @Test func aResultThatCannotBeKeptFailsItsTask() async throws {
        let server = try FakeTaskManager(types: ["A"])
        defer { server.stop() }
        let id = server.add("A")
        let adapter = try adapter(server)
        let task = try #require(try await receive(adapter, ["A"]).first)
        let big = RawJSON(unchecked: Array(#""\#(String(repeating: "x", count: 70_000))""#.utf8))
        let answers = try await adapter.complete([report(task, .succeeded(TaskResult(value: big)))])
        guard case .rejected(let reason)? = answers.first else {
            Issue.record("it is rejected: \(answers)")
            return
        }
        #expect(
            reason.contains("outbox") && server.task(id)?.completes.count == 1)
        await adapter.shutdown()
    }
}

/// On a server's own thread.
private func usleepABit() { usleep(1000) }
