import Foundation

@testable import WorkerHostCore

/// A worker in Python that serves one JSON line after another and does what the task's params say.
enum PoolFixture {
    private static let script = """
        import json, os, signal, sys, time
        ready = os.environ.get("SAY_READY")
        if os.environ.get("DIE_AT_START"): print("no module named x", file=sys.stderr); sys.exit(1)
        if ready: print(json.dumps({"kind": "ready", "concurrency": int(ready)}), flush=True)
        served = 0
        for line in sys.stdin:
            task = json.loads(line)
            if "control" in task:
                print("control " + task["control"] + " " + str(task.get("id")), file=sys.stderr, flush=True)
                continue
            p = task["params"]
            served += 1
            if "stray" in p: print(p["stray"], flush=True)
            if "die" in p: os.kill(os.getpid(), p["die"])
            if "exit" in p: sys.exit(p["exit"])
            if "wait" in p:
                while not os.path.exists(p["wait"]): time.sleep(0.01)
            if "sleep" in p: time.sleep(p["sleep"])
            if "grow" in p: keep = bytearray(p["grow"] << 20); keep[::4096] = b"x" * len(keep[::4096])
            if "raw" in p: print(p["raw"], flush=True); continue
            reply = {"id": task["id"], "success": not p.get("fail"), "result": {"pid": os.getpid(), "served": served}}
            if p.get("fail"): reply["error"] = {"type": "ValueError", "message": "no good", "retry_possible": False}
            print(json.dumps(reply), flush=True)
            if "last" in p: sys.exit(0)
        """

    static let path: String = {
        let path = NSTemporaryDirectory() + "workerhost-pool-\(UUID().uuidString).py"
        try? script.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }()

    static func configuration(
        pool: PoolSettings = PoolSettings(), concurrency: Int = 1, ready: Int? = 1, timeout: Duration = .seconds(60),
        environment: [String: String] = [:], maxAttempts: Int = 1, types: [String] = ["*"]
    ) -> WorkerConfiguration {
        var variables = environment
        if let ready { variables["SAY_READY"] = String(ready) }
        return WorkerConfiguration(
            name: "pool", projectPath: "/tmp", command: ["/usr/bin/env", "python3", path], taskTypes: types,
            timeout: timeout, stopGrace: .milliseconds(500),
            retry: RetryPolicy(maxAttempts: maxAttempts, backoff: .constant(.milliseconds(5))), mode: .pool,
            concurrency: concurrency, pool: pool, environment: variables)
    }

    static func leased(_ id: Int, _ params: String = "{}") -> LeasedTask {
        LeasedTask(task: FaultChild.task("t\(id)", params: params), lease: Lease(token: "l\(id)"))
    }
}

/// Keeps outcomes.
final class OutcomeCollector: AttemptSink {
    private let all = Guarded<[AttemptOutcome]>([])

    func attemptEnded(_ outcome: AttemptOutcome) { all.withLock { $0.append(outcome) } }

    var outcomes: [AttemptOutcome] { all.withLock { $0 } }
    var count: Int { all.withLock { $0.count } }

    func outcome(_ id: Int) -> AttemptOutcome? { outcomes.first { $0.leased.task.id == "t\(id)" } }
}
