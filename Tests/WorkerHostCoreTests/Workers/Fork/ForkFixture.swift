import Foundation

@testable import WorkerHostCore

/// A worker of the Python package that does what the task's params say, and templates that do not what they should.
enum ForkFixture {
    static let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]

    private static let package = URL(filePath: #filePath)
        .appending(path: "../../../../../SDK/python/src").standardizedFileURL.path

    private static let script = """
        import json, os, signal, sys, threading, time
        from workerhost import run, worker
        if os.environ.get("DIE_AT_IMPORT"): raise ImportError("no module named x")
        if os.environ.get("SLOW_IMPORT"): time.sleep(600)
        if os.environ.get("THREAD"): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        print("imported")
        keep = []

        @worker
        def work(p):
            if "text" in p: return {"length": len(p["text"])}
            if "say" in p: print(p["say"]); os.system("echo by the system")
            if "kill_template" in p: os.kill(os.getppid(), signal.SIGKILL)
            if "die" in p: os.kill(os.getpid(), p["die"])
            if "exit" in p: os._exit(p["exit"])
            if "raise" in p: raise ValueError(p["raise"])
            if "huge" in p: sys.stderr.write("x" * p["huge"] + "\\n")
            if "burn" in p:
                end = time.process_time() + p["burn"]
                while time.process_time() < end: pass
            if "grandchild" in p:
                pid = os.fork()
                if pid == 0: time.sleep(600)
                with open(p["grandchild"], "w") as file: file.write(str(pid))
            if "daemon" in p:
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        with open(p["daemon"], "w") as file: file.write(str(os.getpid()))
                        for number in range(3): os.close(number)
                        time.sleep(600)
                    os._exit(0)
                while not os.path.exists(p["daemon"]) or not os.path.getsize(p["daemon"]): time.sleep(0.005)
            if "begun" in p:
                with open(p["begun"], "w") as file: file.write(str(os.getpid()))
            if "wait" in p:
                while not os.path.exists(p["wait"]): time.sleep(0.01)
            if "sleep" in p: time.sleep(p["sleep"])
            return {"pid": os.getpid(), "template": os.getppid(), "lease": os.environ.get("WORKERHOST_LEASE"),
                    "tmp": os.environ.get("TMPDIR")}

        if __name__ == "__main__": run()
        """

    /// A template that follows the protocol as far as the variable BAD does not say otherwise.
    private static let bad = """
        import array, json, os, socket, sys, time
        bad = os.environ.get("BAD", "")
        control = socket.socket(fileno=os.dup(0))
        mark = os.environ.get("MARK", "")
        control.send(b'{"kind":"ready"}')
        control.recv(65536)
        if bad and mark and os.path.exists(mark): bad = ""
        elif mark: open(mark, "w").close()
        if bad == "early": control.send(b"nonsense before anybody has asked")
        while True:
            data, rights, _, _ = control.recvmsg(65536, 1024)
            if not data: sys.exit(0)
            request = json.loads(data)
            fds = array.array("i"); [fds.frombytes(d) for _, _, d in rights]
            if request["control"] == "fork":
                if bad == "silent": time.sleep(600)
                if bad == "garbage": control.send(b"\\x00{not json"); time.sleep(600)
                if bad == "strange pid": control.send(b'{"kind":"forked","pid":1}'); time.sleep(600)
                if bad == "other": control.send(b'{"kind":"ready"}'); time.sleep(600)
                if bad == "dies": os._exit(3)
                if bad == "refuses": control.send(b'{"kind":"refused","message":"no room"}'); continue
                pid = os.fork()
                if pid == 0:
                    os.setpgid(0, 0); control.close()
                    for number in range(3): os.dup2(fds[number], number)
                    sys.stdin.read()
                    os.write(1, b'{"success":true,"result":1}'); os._exit(0)
                os.setpgid(pid, pid)
                for number in fds: os.close(number)
                control.send(json.dumps({"kind": "forked", "pid": pid}).encode())
            elif request["control"] == "reap":
                _, status, usage = os.wait4(request["pid"], 0)
                if bad == "lost status": control.send(b'{"kind":"refused","message":"not mine"}'); continue
                control.send(json.dumps({"kind": "exited", "pid": request["pid"], "status": status}).encode())
        """

    /// A directory with the worker in it.
    static func project(_ source: String = script) -> String {
        let path = NSTemporaryDirectory() + "workerhost-fork-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        write(source, to: path + "/forkworker.py")
        return path
    }

    static func write(_ text: String, to path: String) {
        try? text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    static let shared = project()
    private static let sharedBad = project(bad)

    static func configuration(
        fork: ForkSettings = ForkSettings(), concurrency: Int = 1, timeout: Duration = .seconds(60),
        environment: [String: String] = [:], project: String? = nil, name: String = "forked"
    ) -> WorkerConfiguration {
        let variables = ["PYTHONPATH": package, "PYTHONUNBUFFERED": "1"].merging(environment) { $1 }
        return WorkerConfiguration(
            name: name, projectPath: project ?? shared, command: ["/usr/bin/env", "python3", "-m", "forkworker"],
            taskTypes: ["*"], timeout: timeout, stopGrace: .milliseconds(500), retry: RetryPolicy(maxAttempts: 1),
            mode: .fork, concurrency: concurrency, fork: fork, environment: variables)
    }

    /// A template that misbehaves, but the first of its kind only if there is a `mark`.
    static func misbehaving(_ how: String, mark: String? = nil) -> WorkerConfiguration {
        var fork = ForkSettings()
        fork.answerTimeout = .milliseconds(400)
        var variables = ["BAD": how]
        variables["MARK"] = mark
        return configuration(fork: fork, environment: variables, project: sharedBad)
    }

    static func file(_ name: String = "file") -> String {
        NSTemporaryDirectory() + "workerhost-fork-\(name)-\(UUID().uuidString)"
    }

    static func isAlive(_ pid: Int32) -> Bool { ProcessTable.startTicks(of: pid) != nil }
}

/// What a worker has told.
final class EventCollector: Sendable {
    private let all = Guarded<[TaskEvent]>([])

    func services(hostMark: String = "", scratch: ScratchSpace? = nil, holdings: Holdings? = nil) -> LaneServices {
        LaneServices(
            emit: { new in self.all.withLock { $0 += new } }, flightRecorder: nil, hostMark: hostMark,
            passesOutput: true,
            setFamily: { holdings?.setFamily($0, $1) }, scratch: scratch)
    }

    var templateChanges: [TemplateChange] {
        all.withLock { events in
            events.compactMap {
                if case .hostStateChanged(.templateChanged(_, let change)) = $0 { change } else { nil }
            }
        }
    }

    var fallBacks: [String] {
        all.withLock { events in
            events.compactMap {
                if case .hostStateChanged(.workerServedAsOneshot(_, let reason)) = $0 { reason } else { nil }
            }
        }
    }

    var lines: [String] {
        all.withLock { events in
            events.flatMap { event -> [String] in
                if case .output(let output) = event { return output.lines }
                return []
            }
        }
    }

    var created: Int {
        all.withLock { events in events.count { if case .workerCreated = $0 { true } else { false } } }
    }

    var terminated: Int {
        all.withLock { events in events.count { if case .workerTerminated = $0 { true } else { false } } }
    }
}
