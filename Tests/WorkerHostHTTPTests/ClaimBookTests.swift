import Testing
import WorkerHostCore

@testable import WorkerHostHTTP

/// Which claims are made, in a time that the test moves.
@Suite struct ClaimBookTests {
    /// A book, a clock, and a server that has so many tasks of each type.
    private struct World {
        var book: ClaimBook
        var now = MonotonicTime(nanoseconds: 1_000_000_000)
        var tasks: [String: Int]
        var numbers: [String: String]
        var served: [String] = []
        var nextTask = 0

        init(_ tasks: [String: Int], settings: ClaimSettings = settings) {
            self.tasks = tasks
            numbers = Dictionary(uniqueKeysWithValues: tasks.keys.sorted().enumerated().map { ($1, String($0 + 1)) })
            book = ClaimBook(settings, host: "h")
        }

        static let settings = ClaimSettings(
            pollInterval: .seconds(5), claimTimeout: .seconds(300), retryBackoff: .seconds(1))

        var wall: Timestamp { Timestamp(microseconds: now.nanoseconds / 1000) }

        mutating func orders(_ names: [String], limit: Int, most: Int = 16) -> [ClaimOrder] {
            book.orders(names, limit: limit, most: most, now, wall: wall).orders
        }

        mutating func answer(_ order: ClaimOrder) -> ClaimAnswer {
            switch order.kind {
            case .lookUp, .register: return numbers[order.type].map { .typeKnown(id: $0) } ?? .typeUnknown
            case .search: return .claims([])
            case .adopt: return .none
            case .claim:
                served.append(order.type)
                guard let count = tasks[order.type], count > 0 else { return .none }
                tasks[order.type] = count - 1
                nextTask += 1
                return .task(World.task("\(nextTask)", order.type))
            }
        }

        static func task(_ id: String, _ type: String, attempts: Int = 1) -> ClaimedTask {
            let body = Array(#"{"id":"\#(id)","type":"\#(type)","params":{"a":1},"attempts":\#(attempts)}"#.utf8)
            return body.withUnsafeBufferPointer { ClaimedTask($0, 0..<body.count, type)! }
        }

        @discardableResult
        mutating func take(_ answer: ClaimAnswer, for order: ClaimOrder) -> ClaimNotice? {
            book.answered(order.tag, answer, now, most: 16, random: 0.5)
        }

        /// Serves all orders until there are none; returns what the host got.
        mutating func round(_ names: [String], limit: Int) -> [LeasedTask] {
            var got: [LeasedTask] = []
            while true {
                got += book.take(names, limit: limit - got.count, now)
                let orders = got.count < limit ? orders(names, limit: limit - got.count) : []
                if orders.isEmpty { return got }
                for order in orders { take(answer(order), for: order) }
            }
        }

        mutating func pass(_ duration: Duration) { now = now.advanced(by: duration) }
    }

    private func success(_ leased: LeasedTask) -> TaskReport {
        TaskReport(
            taskID: leased.task.id, lease: leased.lease, outcome: .succeeded(TaskResult(value: .emptyObject)),
            attempt: AttemptRecord(worker: "a", number: 1))
    }

    private func failure(_ leased: LeasedTask) -> TaskReport {
        TaskReport(
            taskID: leased.task.id, lease: leased.lease,
            outcome: .failed(TaskFailure(kind: .permanent, message: "no")),
            attempt: AttemptRecord(worker: "a", number: 1))
    }

    @Test func numbersAreLookedUpFirst() {
        var world = World(["A": 1])
        let first = world.orders(["A"], limit: 4)
        #expect(first.count == 1 && first[0].endpoint == .readType && first[0].request.path == "/task-types/A")
        #expect(world.orders(["A"], limit: 4).isEmpty, "not twice at once")
        world.take(.typeKnown(id: "1"), for: first[0])
        let claims = world.orders(["A"], limit: 4)
        #expect(claims.count == 1 && claims[0].endpoint == .claim, "one finds out whether there is anything")
        #expect(String(decoding: claims[0].request.body, as: UTF8.self).hasSuffix(#","task_type_id":1}"#))
    }

    @Test func claimsGrowWithHitsUpToTheRoom() {
        var world = World(["A": 100])
        #expect(world.round(["A"], limit: 10).count == 10)
        var sizes: [Int] = []
        for _ in 0..<4 {
            let orders = world.orders(["A"], limit: 64, most: 32)
            sizes.append(orders.count)
            for order in orders { world.take(world.answer(order), for: order) }
            _ = world.book.take(["A"], limit: 64, world.now)
        }
        #expect(sizes.max() ?? 0 > 8 && sizes.allSatisfy { $0 <= 32 })
    }

    @Test func neverMoreThanTheRoom() {
        var world = World(["A": 100, "B": 100])
        _ = world.round(["A", "B"], limit: 8)
        let orders = world.orders(["A", "B"], limit: 3)
        #expect(orders.count == 3)
        #expect(world.orders(["A", "B"], limit: 3).isEmpty, "all room is asked for")
        for order in orders { world.take(world.answer(order), for: order) }
        #expect(world.orders(["A", "B"], limit: 3).isEmpty, "what came waits to be taken")
        #expect(world.book.take(["A", "B"], limit: 3, world.now).count == 3)
    }

    @Test func anEmptyTypeIsAskedForOncePerInterval() {
        var world = World(["A": 0, "B": 0])
        #expect(world.round(["A", "B"], limit: 8).isEmpty)
        #expect(world.served.sorted() == ["A", "B"])
        world.pass(.milliseconds(3700))
        #expect(world.round(["A", "B"], limit: 8).isEmpty && world.served.count == 2, "not before 75 % of it")
        world.pass(.milliseconds(1300))
        _ = world.round(["A", "B"], limit: 8)
        #expect(world.served.sorted() == ["A", "A", "B", "B"])
    }

    @Test func askingAgainIsDueWhenTheIntervalIsOver() throws {
        var world = World(["A": 0])
        _ = world.round(["A"], limit: 8)
        let again = try #require(world.book.orders(["A"], limit: 8, most: 8, world.now, wall: world.wall).askAgain)
        let wait = world.now.duration(to: again)
        #expect(wait >= .milliseconds(3750) && wait <= .seconds(5))
    }

    @Test func noTypeStarves() {
        var world = World(["A": 1000, "B": 1000, "C": 3])
        var got: [String: Int] = [:]
        for _ in 0..<100 {
            for task in world.round(["A", "B", "C"], limit: 1) {
                got[task.task.type, default: 0] += 1
                _ = world.book.beginReport(success(task))
                world.book.endReport(success(task), worker: task.lease.token, isFinal: true)
            }
        }
        #expect(got["C"] == 3)
        #expect(abs((got["A"] ?? 0) - (got["B"] ?? 0)) <= 4, "\(got)")
    }

    @Test func eachClaimHasATextOfItsOwn() {
        var world = World(["A": 50])
        let tasks = world.round(["A"], limit: 50)
        #expect(Set(tasks.map(\.lease.token)).count == 50)
    }

    @Test func theLeaseEndsByTheMomentTheClaimWasSent() throws {
        var world = World(["A": 1])
        let lookUp = world.orders(["A"], limit: 1)[0]
        world.take(.typeKnown(id: "1"), for: lookUp)
        let sent = world.wall
        let claim = world.orders(["A"], limit: 1)[0]
        world.pass(.seconds(40))
        world.take(.task(World.task("1", "A")), for: claim)
        let task = try #require(world.book.take(["A"], limit: 1, world.now).first)
        #expect(task.lease.expiresAt == sent.advanced(by: .seconds(300)))
        #expect(task.task.metadata.attempt == 1 && task.task.params.text == #"{"a":1}"#)
    }

    @Test func aClaimOutlivesItsCaller() {
        var world = World(["A": 1])
        world.take(.typeKnown(id: "1"), for: world.orders(["A"], limit: 1)[0])
        let claim = world.orders(["A"], limit: 1)[0]
        // The caller is gone; another one comes.
        world.take(world.answer(claim), for: claim)
        #expect(world.book.untaken == 1)
        #expect(world.book.take(["B"], limit: 1, world.now).isEmpty)
        #expect(world.book.take(["A"], limit: 1, world.now).count == 1)
    }

    @Test func aClaimThatHasEndedIsNotGivenOut() {
        var world = World(["A": 1])
        world.take(.typeKnown(id: "1"), for: world.orders(["A"], limit: 1)[0])
        let claim = world.orders(["A"], limit: 1)[0]
        world.take(world.answer(claim), for: claim)
        world.pass(.seconds(301))
        #expect(world.book.take(["A"], limit: 1, world.now).isEmpty && world.book.untaken == 0)
    }

    // MARK: - A task that is held already

    /// A world in which the host has task 1, and has claimed it once more.
    private func claimedTwice() throws -> (World, LeasedTask, second: String, notice: ClaimNotice?) {
        var world = World(["A": 1])
        let task = try #require(world.round(["A"], limit: 1).first)
        world.pass(.seconds(10))
        let again = try #require(world.orders(["A"], limit: 1).first)
        guard case .claim(let second) = again.kind else { throw CancellationError() }
        let notice = world.take(.task(World.task("1", "A", attempts: 2)), for: again)
        return (world, task, second, notice)
    }

    @Test func aHeldTaskIsNeverGivenASecondTime() throws {
        var (world, _, _, notice) = try claimedTwice()
        #expect(notice?.kind == .claimedAgain && notice?.taskID == "1")
        #expect(world.book.take(["A"], limit: 5, world.now).isEmpty)
        #expect(world.orders(["A"], limit: 5).isEmpty, "not as fast as the server answers")
        world.pass(.seconds(5))
        let again = world.orders(["A"], limit: 5)[0]
        #expect(world.take(.task(World.task("1", "A", attempts: 3)), for: again) == nil, "said once")
    }

    @Test func itsOutcomeIsToldUnderTheNewerClaim() throws {
        var (world, task, second, _) = try claimedTwice()
        #expect(world.book.beginReport(success(task)) == second)
        world.book.endReport(success(task), worker: second, isFinal: true)
        #expect(world.book.held.isEmpty && world.book.untaken == 0)
        #expect(world.book.worker("1", task.lease) == task.lease.token)
    }

    @Test func aClaimMadeWhileAFailureWasToldIsTheNextRun() throws {
        var world = World(["A": 1])
        let task = try #require(world.round(["A"], limit: 1).first)
        world.pass(.seconds(10))
        let worker = world.book.beginReport(failure(task))
        let again = world.orders(["A"], limit: 1)[0]
        #expect(world.take(.task(World.task("1", "A", attempts: 2)), for: again) == nil, "no reason to warn")
        world.book.endReport(failure(task), worker: worker, isFinal: true)
        let next = try #require(world.book.take(["A"], limit: 1, world.now).first)
        #expect(next.task.metadata.attempt == 2 && next.lease.token != task.lease.token)
    }

    @Test func aReportThatWasRefusedUnderTheOldClaimIsToldUnderTheNewer() throws {
        var world = World(["A": 1])
        let task = try #require(world.round(["A"], limit: 1).first)
        world.pass(.seconds(10))
        let first = world.book.beginReport(success(task))
        #expect(world.book.otherWorker(for: success(task), than: first) == nil)
        let again = world.orders(["A"], limit: 1)[0]
        world.take(.task(World.task("1", "A", attempts: 2)), for: again)
        let other = world.book.otherWorker(for: success(task), than: first)
        #expect(other != nil && other != first)
        #expect(world.book.otherWorker(for: success(task), than: other ?? "") == nil, "not for ever")
    }

    @Test func anOutcomeFromBeforeARestartSparesTheNextRun() throws {
        var world = World(["A": 1])
        world.take(.typeKnown(id: "1"), for: world.orders(["A"], limit: 1)[0])
        let claim = world.orders(["A"], limit: 1)[0]
        world.take(world.answer(claim), for: claim)
        let old = LeasedTask(
            task: WorkerTask(id: "1", type: "A", params: .emptyObject), lease: Lease(token: "workerhost-old-1"))
        let told = world.book.beginReport(success(old))
        #expect(told != "workerhost-old-1" && world.book.untaken == 0)
        world.book.endReport(success(old), worker: told, isFinal: true)
        #expect(world.book.held.isEmpty && world.book.take(["A"], limit: 1, world.now).isEmpty)
    }

    // MARK: - Released tasks

    @Test func aReleasedTaskStaysHereWhileItsClaimHolds() throws {
        var world = World(["A": 1])
        let task = try #require(world.round(["A"], limit: 1).first)
        world.book.released("1", task.lease, after: .seconds(2), world.now)
        #expect(world.book.take(["A"], limit: 1, world.now).isEmpty, "not before the wait")
        world.pass(.seconds(2))
        let again = try #require(world.book.take(["A"], limit: 1, world.now).first)
        #expect(again.lease.token != task.lease.token && again.lease.expiresAt == task.lease.expiresAt)
        #expect(WorkerID.of(token: again.lease.token) == task.lease.token, "the server knows it by the same text")
        world.book.released("1", again.lease, after: .seconds(291), world.now)
        #expect(world.book.untaken == 0, "too late to run it under this claim")
    }

    // MARK: - Trouble

    @Test func whileNothingIsAnsweredOneClaimTriesNowAndThen() {
        var world = World(["A": 5, "B": 5])
        _ = world.round(["A", "B"], limit: 2)
        var orders = world.orders(["A", "B"], limit: 4)
        #expect(!orders.isEmpty)
        for order in orders { world.take(.failed("down", wait: nil), for: order) }
        #expect(world.book.circuit.failures == 1, "what fails together counts once")
        #expect(world.orders(["A", "B"], limit: 4).isEmpty)
        world.pass(.seconds(2))
        orders = world.orders(["A", "B"], limit: 4)
        #expect(orders.count == 1)
        #expect(world.orders(["A", "B"], limit: 4).isEmpty, "while it tries, nothing else does")
        world.take(.failed("down", wait: nil), for: orders[0])
        world.pass(.milliseconds(700))
        #expect(world.orders(["A", "B"], limit: 4).isEmpty, "the waits grow")
        world.pass(.seconds(2))
        orders = world.orders(["A", "B"], limit: 4)
        world.take(world.answer(orders[0]), for: orders[0])
        #expect(world.book.circuit.trouble == nil && !world.orders(["A", "B"], limit: 4).isEmpty)
    }

    @Test func aClaimWhoseAnswerWasLostIsLookedForByItsText() throws {
        var world = World(["A": 5])
        _ = world.round(["A"], limit: 1)
        let lost = world.orders(["A"], limit: 1)[0]
        guard case .claim(let text) = lost.kind else { return }
        let sent = world.wall
        world.take(.failed("the connection ended", wait: nil, isLost: true), for: lost)
        world.pass(.seconds(2))
        let probe = world.orders(["A"], limit: 1)[0]
        world.take(.none, for: probe)
        let search = try #require(world.orders(["A"], limit: 1).first { $0.endpoint == .listTasks })
        #expect(search.request.path == "/tasks?status=claimed&type=A&limit=1000&offset=0")
        world.take(.claims([("9", "another"), ("8", text)]), for: search)
        let adopt = try #require(world.orders(["A"], limit: 1).first { $0.endpoint == .readTask })
        #expect(adopt.request.path == "/tasks/8")
        world.take(.task(World.task("8", "A")), for: adopt)
        let task = try #require(world.book.take(["A"], limit: 1, world.now).first)
        #expect(task.task.id == "8" && task.lease.token == text)
        #expect(task.lease.expiresAt == sent.advanced(by: .seconds(300)), "its time runs from when it was sent")
        #expect(world.book.lost.isEmpty)
    }

    @Test func aLostClaimThatWasNotMadeIsNotLookedForForEver() {
        var world = World(["A": 0])
        _ = world.round(["A"], limit: 1)
        world.pass(.seconds(10))
        world.take(.failed("the connection ended", wait: nil, isLost: true), for: world.orders(["A"], limit: 1)[0])
        var searches = 0
        for _ in 0..<100 {
            world.pass(.seconds(2))
            for order in world.orders(["A"], limit: 1) {
                if order.endpoint == .listTasks { searches += 1 }
                world.take(world.answer(order), for: order)
            }
        }
        #expect(searches > 0 && searches < 5 && world.book.lost.isEmpty)
    }

    @Test func aWaitThatTheServerAsksForIsKept() {
        var world = World(["A": 5])
        _ = world.round(["A"], limit: 1)
        let orders = world.orders(["A"], limit: 1)
        let notice = world.take(.limited("Too Many Requests", wait: .seconds(7)), for: orders[0])
        #expect(notice?.kind == .limited && world.book.circuit.trouble == nil)
        world.pass(.seconds(6))
        #expect(world.orders(["A"], limit: 1).isEmpty)
        world.pass(.seconds(2))
        let again = world.orders(["A"], limit: 1)
        #expect(again.count == 1)
        #expect(world.take(.limited("Too Many Requests", wait: .seconds(0)), for: again[0]) == nil, "said once")
        world.pass(.milliseconds(900))
        #expect(world.orders(["A"], limit: 1).isEmpty, "at least a second")
    }

    @Test func anUnknownTypeIsNoErrorAndSaidOnce() {
        var world = World(["A": 1])
        world.numbers = [:]
        var order = world.orders(["A"], limit: 1)[0]
        #expect(world.take(.typeUnknown, for: order)?.kind == .unknownType)
        #expect(world.orders(["A"], limit: 1).isEmpty)
        world.pass(.seconds(2))
        order = world.orders(["A"], limit: 1)[0]
        #expect(order.endpoint == .readType && world.take(.typeUnknown, for: order) == nil)
        world.pass(.seconds(60))
        order = world.orders(["A"], limit: 1)[0]
        world.take(.typeKnown(id: "9"), for: order)
        #expect(world.orders(["A"], limit: 1).first?.endpoint == .claim)
    }

    @Test func aTypeThatCannotBeRegisteredIsLookedUp() {
        var settings = World.settings
        settings.registrations = ["A": TaskTypeRegistration(name: "A", schema: RawJSON(unchecked: Array("{}".utf8)))]
        var world = World(["A": 1], settings: settings)
        let register = world.orders(["A"], limit: 1)[0]
        #expect(register.endpoint == .registerType)
        let notice = world.take(.refused("JSON schema must have a \"type\" property"), for: register)
        #expect(notice?.kind == .registrationRefused)
        #expect(world.orders(["A"], limit: 1).first?.endpoint == .readType)
    }

    @Test func aDeadlockIsNoTrouble() {
        var world = World(["A": 5])
        _ = world.round(["A"], limit: 1)
        let order = world.orders(["A"], limit: 1)[0]
        #expect(world.take(.contention, for: order) == nil && world.book.circuit.trouble == nil)
        world.pass(.milliseconds(150))
        #expect(world.orders(["A"], limit: 1).count == 1)
    }
}
