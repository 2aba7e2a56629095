import Foundation

@testable import WorkerHostCore

/// A worker in Python that reads JSON lines to the end of its input and does what each task's params say.
enum BatchFixture {
    private static let script = """
        import json, os, signal, sys, time
        assert os.environ["WORKERHOST_MODE"] == "batch"
        if os.environ.get("READ_ALL"):
            lines = sys.stdin.read().splitlines()
        else:
            lines = sys.stdin
        served = 0
        for line in lines:
            task = json.loads(line)
            p = task["params"]
            served += 1
            print("working on " + task["id"], file=sys.stderr, flush=True)
            if "stray" in p: print(p["stray"], flush=True)
            if "die" in p: os.kill(os.getpid(), p["die"])
            if "exit" in p: sys.exit(p["exit"])
            if "wait" in p:
                while not os.path.exists(p["wait"]): time.sleep(0.01)
            if "sleep" in p: time.sleep(p["sleep"])
            if "raw" in p:
                print(p["raw"], flush=True)
                continue
            if "half" in p:
                sys.stdout.write('{"id":"%s","succ' % task["id"]); sys.stdout.flush(); sys.exit(p["half"])
            if "skip" in p: continue
            result = {"id": task["id"], "pid": os.getpid(), "served": served, "size": len(line)}
            if "big" in p: result["big"] = "x" * p["big"]
            reply = {"id": task["id"], "success": not p.get("fail"), "result": result}
            if p.get("fail"): reply["error"] = {"type": "ValueError", "message": "no good", "retry_possible": False}
            print(json.dumps(reply), flush=True)
            if "last" in p: sys.exit(p["last"])
        if "LINGER" in os.environ: time.sleep(600)
        """

    static let path = file(script)

    /// Keeps a script in a file of its own.
    static func file(_ script: String) -> String {
        let path = NSTemporaryDirectory() + "workerhost-batch-\(UUID().uuidString).py"
        try? script.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    static func configuration(
        _ batch: BatchSettings = BatchSettings(), script: String = path, concurrency: Int = 1,
        timeout: Duration = .seconds(60), environment: [String: String] = [:], maxAttempts: Int = 1,
        types: [String] = ["*"]
    ) -> WorkerConfiguration {
        WorkerConfiguration(
            name: "batch", projectPath: "/tmp", command: ["/usr/bin/env", "python3", script], taskTypes: types,
            timeout: timeout, stopGrace: .milliseconds(500),
            retry: RetryPolicy(maxAttempts: maxAttempts, backoff: .constant(.milliseconds(5))), mode: .batch,
            concurrency: concurrency, batch: batch, environment: environment)
    }

    static func worker(
        _ configuration: WorkerConfiguration = configuration(), services: LaneServices = .none
    ) -> BatchWorker {
        BatchWorker(
            configuration,
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"], services: services)
    }
}

extension OutcomeCollector {
    /// How many processes answered tasks.
    var pids: Set<Int32> { Set(outcomes.compactMap(\.record.pid)) }

    func pid(_ id: Int) -> Int32? { outcome(id)?.record.pid }

    func kinds(_ id: Int) -> [String] { outcome(id)?.record.incidents.map(\.kind) ?? [] }
}
