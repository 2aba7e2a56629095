import Foundation
import Testing

@testable import WorkerHostCore

/// Templates that die, hang, talk nonsense or cannot be started.
@Suite struct TemplateFaultTests {
    private func worker(_ configuration: WorkerConfiguration, _ services: LaneServices = .none) -> ForkedWorker {
        ForkedWorker(configuration, environment: ForkFixture.environment, services: services)
    }

    private func run(_ worker: ForkedWorker, _ params: [String]) async -> [AttemptOutcome] {
        let sink = OutcomeCollector()
        worker.dispatch(params.enumerated().map { PoolFixture.leased($0, $1) }, to: sink)
        #expect(await eventually { sink.count == params.count })
        return params.indices.compactMap { sink.outcome($0) }
    }

    @Test func childrenOutliveTheirTemplateAndOthersTakeTheNextOne() async throws {
        let events = EventCollector()
        let worker = worker(ForkFixture.configuration(concurrency: 2), events.services())
        let sink = OutcomeCollector()
        let (begun, go) = (ForkFixture.file("begun"), ForkFixture.file("go"))
        worker.dispatch([PoolFixture.leased(1, #"{"begun":"\#(begun)","wait":"\#(go)"}"#)], to: sink)
        #expect(await eventually { FileManager.default.fileExists(atPath: begun) })
        let first = try #require(worker.templatePid)
        kill(first, SIGKILL)
        worker.dispatch([PoolFixture.leased(2)], to: sink)
        #expect(await eventually { sink.count == 1 })
        let second = try #require(worker.templatePid)
        #expect(second != first)
        #expect(sink.outcome(2)?.value?.contains(#""template":\#(second)"#) == true)
        ForkFixture.write("", to: go)
        #expect(await eventually { sink.count == 2 })
        #expect(sink.outcome(1)?.value != nil, "the reply decides")
        #expect(sink.outcome(1)?.record.usage == nil)
        #expect(events.templateChanges.contains { if case .died = $0 { true } else { false } })
        await worker.close()
    }

    @Test func aChildThatDiesAfterItsTemplateIsACrash() async {
        let worker = worker(ForkFixture.configuration())
        let outcomes = await run(worker, [#"{"kill_template":1,"exit":0}"#])
        #expect(outcomes[0].failure?.message.contains("its template had died; exit status unknown") == true)
        #expect(outcomes[0].failure?.isRetriable == true)
        let late = await run(worker, [#"{"kill_template":1,"begun":"/dev/null"}"#])
        #expect(late[0].value != nil, "the reply decides: \(late)")
        await worker.close()
    }

    @Test(arguments: ["silent", "garbage", "strange pid", "other", "early", "dies"])
    func aTemplateThatMisbehavesIsReplacedAndNoAttemptIsSpent(_ how: String) async {
        let mark = ForkFixture.file("mark")
        let events = EventCollector()
        let worker = worker(ForkFixture.misbehaving(how, mark: mark), events.services())
        let outcomes = await run(worker, ["{}"])
        #expect(outcomes[0].value == "1", "\(outcomes)")
        await worker.close()
    }

    @Test(arguments: ["silent", "dies"])
    func aTemplateThatNeverWorksIsAStartFailure(_ how: String) async {
        let worker = worker(ForkFixture.misbehaving(how))
        let outcomes = await run(worker, ["{}"])
        #expect(outcomes[0].failure?.kind == .startFailed, "\(outcomes)")
        await worker.close()
    }

    @Test func aForkThatIsRefusedIsAStartFailure() async {
        let worker = worker(ForkFixture.misbehaving("refuses"))
        let outcomes = await run(worker, ["{}"])
        #expect(outcomes[0].failure?.kind == .startFailed)
        #expect(outcomes[0].failure?.message.contains("its template cannot fork: no room") == true)
        await worker.close()
    }

    @Test func aStatusThatTheTemplateDoesNotTellIsDecidedByTheReply() async {
        let worker = worker(ForkFixture.misbehaving("lost status"))
        let outcomes = await run(worker, ["{}", "{}"])
        #expect(outcomes.allSatisfy { $0.value == "1" })
        await worker.close()
    }

    @Test func anImportErrorIsAStartFailureThatSaysWhy() async {
        let worker = worker(ForkFixture.configuration(environment: ["DIE_AT_IMPORT": "1"]))
        let outcomes = await run(worker, ["{}", "{}"])
        for outcome in outcomes {
            #expect(outcome.failure?.kind == .startFailed)
            #expect(
                outcome.failure?.message
                    == "cannot start the template of worker 'forked': it ended with exit code 1 before it was ready; its "
                    + "last line on standard error: ImportError: no module named x")
        }
        await worker.close()
    }

    @Test func aStartThatFailsBeforeThereAreTasksIsToldOnce() async {
        let events = EventCollector()
        let worker = worker(ForkFixture.configuration(environment: ["DIE_AT_IMPORT": "1"]), events.services())
        #expect(
            await eventually {
                events.templateChanges.contains {
                    if case .caution(let text) = $0 { text.contains("ImportError: no module named x") } else { false }
                }
            })
        await worker.close()
    }

    @Test func aTemplateThatIsNeverReadyIsAStartFailure() async {
        let worker = worker(
            ForkFixture.configuration(
                fork: ForkSettings(startupTimeout: .milliseconds(300)), environment: ["SLOW_IMPORT": "1"]))
        let outcomes = await run(worker, ["{}"])
        #expect(
            outcomes[0].failure?.message.contains("it was not ready within 0.3 s (fork.startup_timeout)") == true,
            "\(outcomes)")
        await worker.close()
    }

    @Test func aProgramThatIsNotThereIsAStartFailure() async {
        var configuration = ForkFixture.configuration()
        configuration.command = ["/no/such/program"]
        let worker = worker(configuration)
        let outcomes = await run(worker, ["{}"])
        #expect(outcomes[0].failure?.kind == .startFailed)
        #expect(outcomes[0].failure?.message.hasPrefix("cannot start worker 'forked': /no/such/program") == true)
        await worker.close()
    }

    @Test(arguments: [
        "cat >/dev/null; echo '{\"success\":true,\"result\":1}'",
        "read -r line; echo '{\"success\":true,\"result\":1}'",
        "echo '{\"success\":true,\"result\":1}'",
    ])
    func aWorkerThatDoesNotSpeakTheProtocolIsServedAsOneshot(_ script: String) async {
        let events = EventCollector()
        var configuration = ForkFixture.configuration()
        configuration.command = ["sh", "-c", script]
        let worker = worker(configuration, events.services())
        let outcomes = await run(worker, (0..<5).map { _ in "{}" })
        #expect(outcomes.allSatisfy { $0.value == "1" }, "\(outcomes)")
        #expect(events.fallBacks.count == 1, "one warning")
        await worker.close()
    }

    @Test func threadsAtImportAreWarnedOf() async {
        let events = EventCollector()
        let worker = worker(ForkFixture.configuration(environment: ["THREAD": "1"]), events.services())
        _ = await run(worker, ["{}"])
        #expect(
            events.templateChanges.contains {
                if case .caution(let text) = $0 { text.contains("2 threads") } else { false }
            })
        await worker.close()
    }

    @Test func aProcessThatOutlivesItsTaskIsFoundAlthoughItShowsTheTemplatesEnvironment() async throws {
        let file = ForkFixture.file("daemon")
        let mark = HostMark.own(hostID: "fork-\(UUID().uuidString)")
        let holdings = Holdings()
        let worker = worker(
            ForkFixture.configuration(concurrency: 2),
            EventCollector().services(hostMark: mark.text, holdings: holdings))
        let sweeper = LeftoverSweeper(own: mark) { holdings.isCurrent($0, of: $1) }
        let sink = OutcomeCollector()
        let go = ForkFixture.file("go")
        worker.dispatch([PoolFixture.leased(1, #"{"daemon":"\#(file)","wait":"\#(go)"}"#)], to: sink)
        #expect(await eventually { FileManager.default.fileExists(atPath: file) })
        var pid: Int32?
        #expect(
            await eventually {
                pid = (try? String(contentsOfFile: file, encoding: .utf8)).flatMap { Int32($0) }
                return pid != nil
            })
        let daemon = try #require(pid)
        sweeper.sweepOwn { _ in false }
        #expect(ForkFixture.isAlive(daemon), "its task runs")
        ForkFixture.write("", to: go)
        #expect(await eventually { sink.count == 1 })
        #expect(sink.outcome(1)?.value != nil)
        let template = try #require(worker.templatePid)
        sweeper.sweepOwn { _ in false }
        #expect(await eventually { !ForkFixture.isAlive(daemon) })
        #expect(ForkFixture.isAlive(template))
        await worker.close()
    }
}
