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

/// As above, in MessagePack, with the few forms that it needs.
enum MessagePackFixture {
    private static let script = #"""
        import os, struct, sys, time
        inp, out = sys.stdin.buffer, sys.stdout.buffer

        def pack(v):
            if v is None: return b"\xc0"
            if v is True: return b"\xc3"
            if v is False: return b"\xc2"
            if isinstance(v, int): return b"\xd3" + struct.pack(">q", v)
            if isinstance(v, float): return b"\xcb" + struct.pack(">d", v)
            if isinstance(v, str): b = v.encode(); return b"\xdb" + struct.pack(">I", len(b)) + b
            if isinstance(v, list): return b"\xdd" + struct.pack(">I", len(v)) + b"".join(map(pack, v))
            return b"\xdf" + struct.pack(">I", len(v)) + b"".join(pack(k) + pack(x) for k, x in v.items())

        def unpack(b, i):
            t = b[i]; i += 1
            if t < 0x80: return t, i
            if t >= 0xe0: return t - 256, i
            if t < 0x90: return items(b, i, t & 15, True)
            if t < 0xa0: return items(b, i, t & 15, False)
            if t < 0xc0: n = t & 31; return b[i:i + n].decode(), i + n
            if t == 0xc0: return None, i
            if t in (0xc2, 0xc3): return t == 0xc3, i
            for code, form in ((0xcc, ">B"), (0xcd, ">H"), (0xce, ">I"), (0xcf, ">Q"), (0xd0, ">b"), (0xd1, ">h"),
                               (0xd2, ">i"), (0xd3, ">q"), (0xcb, ">d"), (0xca, ">f")):
                if t == code:
                    n = struct.calcsize(form); return struct.unpack(form, b[i:i + n])[0], i + n
            size = {0xd9: ">B", 0xda: ">H", 0xdb: ">I", 0xdc: ">H", 0xdd: ">I", 0xde: ">H", 0xdf: ">I"}[t]
            n = struct.unpack(size, b[i:i + struct.calcsize(size)])[0]; i += struct.calcsize(size)
            if t in (0xd9, 0xda, 0xdb): return b[i:i + n].decode(), i + n
            return items(b, i, n, t in (0xde, 0xdf))

        def items(b, i, n, is_map):
            found = {} if is_map else []
            for _ in range(n):
                if is_map: key, i = unpack(b, i)
                value, i = unpack(b, i)
                if is_map: found[key] = value
                else: found.append(value)
            return found, i

        def send(v):
            b = pack(v); out.write(struct.pack(">I", len(b)) + b); out.flush()

        assert os.environ["WORKERHOST_FORMAT"] == "msgpack" and os.environ["WORKERHOST_MODE"] == "pool"
        send({"kind": "ready", "concurrency": 1})
        while True:
            head = inp.read(4)
            if len(head) < 4: break
            task, _ = unpack(inp.read(struct.unpack(">I", head)[0]), 0)
            p = task["params"]
            if "print" in p: out.write(b"hello"); out.flush()
            if "huge" in p: out.write(struct.pack(">I", 0x7fffffff)); out.flush()
            if "half" in p: out.write(b"\x00\x00"); out.flush(); time.sleep(600)
            if "control" in p: send({"id": task["id"], "success": True, "result": "\x01" * p["control"]}); continue
            if "badkey" in p: send({"id": task["id"], "success": True, "result": {1.5: 2}}); continue
            send({"id": task["id"], "success": True, "result": {"params": p, "text": "é", "n": 1 << 40}})
        """#

    static let path: String = {
        let path = NSTemporaryDirectory() + "workerhost-pool-\(UUID().uuidString).py"
        try? script.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }()

    static func configuration(timeout: Duration = .seconds(60)) -> WorkerConfiguration {
        WorkerConfiguration(
            name: "packed", projectPath: "/tmp", command: ["/usr/bin/env", "python3", path], taskTypes: ["*"],
            timeout: timeout, stopGrace: .milliseconds(300), mode: .pool, format: .msgpack, concurrency: 1)
    }
}
