import Foundation
import Testing

@testable import WorkerHostCore

/// Workers of other kinds that are given batches.
@Suite struct BatchSpeakingTests {
    private func run(_ script: String, _ params: [String], environment: [String: String] = [:]) async
        -> (OutcomeCollector, warnings: Int, started: Int)
    {
        let seen = Guarded((warnings: 0, started: 0))
        let services = LaneServices(
            emit: { new in
                for event in new {
                    switch event {
                    case .hostStateChanged(.workerServedAsOneshot): seen.withLock { $0.warnings += 1 }
                    case .workerCreated: seen.withLock { $0.started += 1 }
                    default: break
                    }
                }
            }, flightRecorder: nil, hostMark: "", passesOutput: false)
        let worker = BatchFixture.worker(
            BatchFixture.configuration(script: BatchFixture.file(script), environment: environment), services: services)
        let sink = OutcomeCollector()
        worker.dispatch(params.enumerated().map { PoolFixture.leased($0, $1) }, to: sink)
        #expect(await eventually { sink.count == params.count })
        worker.dispatch([PoolFixture.leased(97), PoolFixture.leased(98)], to: sink)
        #expect(await eventually { sink.count == params.count + 2 })
        await worker.close()
        return (sink, seen.withLock { $0.warnings }, seen.withLock { $0.started })
    }

    @Test(arguments: [
        "task = json.load(sys.stdin)",
        "task = json.loads(sys.stdin.readline())",
        """
        try: task = json.load(sys.stdin)
        except ValueError as error:
            print(json.dumps({"success": False, "error": {"message": str(error), "retry_possible": False}}))
            sys.exit(2)
        """,
    ])
    func aWorkerForOneTaskKeepsWorkingAndLosesNone(_ reading: String) async {
        let script = "import json, sys\n\(reading)\nprint(json.dumps({'success': True, 'result': task['id']}))"
        let (sink, warnings, _) = await run(script, ["{}", "{}", "{}"])
        #expect(sink.outcomes.allSatisfy { $0.value == "\"\($0.leased.task.id)\"" }, "\(sink.outcomes)")
        #expect(warnings == 1)
        #expect(sink.pids.count == 5)
    }

    @Test func aBadFirstTaskDoesNotMakeItAWorkerForOne() async {
        let script = """
            import json, os, sys
            for line in sys.stdin:
                task = json.loads(line)
                if task["params"].get("bad"): os.abort()
                print(json.dumps({"id": task["id"], "success": True, "result": os.getpid()}), flush=True)
            """
        let (sink, warnings, started) = await run(script, [#"{"bad":1}"#, "{}", "{}"])
        #expect(sink.outcome(0)?.failure?.kind == .crashed(signal: 6))
        #expect(sink.outcomes.count { $0.value != nil } == 4 && warnings == 0)
        #expect(sink.pid(97) == sink.pid(98), "batches go on")
        #expect(started == 5)
    }

    @Test(arguments: ["def", "async def"])
    func theSDKServesBatches(_ def: String) async {
        let source = URL(fileURLWithPath: #filePath).pathComponents.dropLast(5)
        let package = NSString.path(withComponents: source + ["SDK", "python", "src"])
        let script = """
            import os, sys, workerhost
            @workerhost.worker(types=["Test.Task"])
            \(def) work(params):
                print("a print", file=sys.stdout)
                if params.get("bad"): raise ValueError("bad")
                if params.get("die"): os.abort()
                return {"pid": os.getpid()}
            workerhost.run()
            """
        let (sink, warnings, _) = await run(
            script, ["{}", #"{"bad":1}"#, "{}", #"{"die":1}"#, "{}"], environment: ["PYTHONPATH": package])
        #expect(sink.outcome(0)?.value != nil && sink.outcome(2)?.value != nil, "\(sink.outcomes)")
        #expect(sink.outcome(1)?.failure?.kind == .permanent && sink.outcome(1)?.failure?.type == "ValueError")
        #expect(sink.outcome(3)?.failure?.kind == .crashed(signal: 6))
        #expect(sink.outcome(4)?.value != nil && warnings == 0)
        #expect(sink.pid(97) == sink.pid(98))
    }
}
