import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A server, a host and its workers, all of which can be killed; and what happened to whom when.
final class SoakFixture {
    /// Seconds after which the server may give a claimed task to another host.
    static let claimTimeout = 20
    static let key = "soak-key-91c7d0e4"

    let scratch: ScratchDirectory
    let count: Int
    private let serverArguments: [String]
    private(set) var server: ExampleServer
    private(set) var host: RunningCommand
    private var hostRunner: CommandRunner
    private var tail: JournalTail
    /// When hosts and servers were killed, in microseconds since 1970.
    private(set) var hostKills: [Int] = []
    private(set) var serverKills: [Int] = []
    /// What ended programs have said.
    private var said: [CommandOutcome] = []

    init(count: Int, quirks: Bool) async throws {
        self.count = count
        scratch = try ScratchDirectory()
        serverArguments =
            ["--claim-timeout", String(Self.claimTimeout), "--deadlock-rate", "0.3"] + (quirks ? ["--quirks"] : [])
        let data = scratch.file("server/tasks.sqlite")
        try scratch.write("server/empty", "")
        server = try await ExampleServer.restartable(
            serverArguments + ["--fill", "\(count):Soak"], data: data, key: Self.key)
        tail = JournalTail(path: data)
        try scratch.write("worker.py", Self.worker)
        // More attempts than hosts are killed: a task that is with each of them has done nothing wrong.
        try scratch.write(
            "workerhost.yaml",
            """
            version: "1.0"
            task_manager:
              type: http
              url: \(server.url)
              api_key: ${SOAK_KEY}
              claim_timeout: \(Self.claimTimeout)
              poll_interval: 0.2
            state_dir: state
            shutdown_timeout: 10
            logging: {level: DEBUG}
            workers:
              - {name: w, project_path: ., command: [python3, worker.py], task_types: [Soak], mode: pool, timeout: 5,
                 max_retries: 10, pool: {min: 2, max: 2}}
            """)
        hostRunner = CommandRunner.workerhost.inside(scratch.path).with(["SOAK_KEY": Self.key])
        hostRunner.bound = .seconds(1800)
        host = try hostRunner.start(["run"])
    }

    /// Notes each run of a task before it answers.
    private static let worker = """
        import json, os, sys
        notes = os.open("runs", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        print('{"kind":"ready"}', flush=True)
        for line in sys.stdin:
            task = json.loads(line)
            os.write(notes, (str(task["params"]["number"]) + "\\n").encode())
            reply = {"id": task["id"], "success": True, "result": {"number": task["params"]["number"] * 2}}
            print(json.dumps(reply), flush=True)
        """

    var data: String { scratch.file("server/tasks.sqlite") }

    private var now: Int { Int(Date().timeIntervalSince1970 * 1_000_000) }

    /// Waits until so many tasks are completed on the server; false if one fails, the host ends, or nothing happens.
    func completed(reach number: Int) async throws -> Bool {
        var last = -1
        while true {
            // The bound is for each step forward, not for the whole: a slow machine is not an error.
            let isForward = try await eventually {
                let count = try tail.count()
                defer { if count > last { last = count } }
                return count > last || count >= number || tail.failed > 0
            }
            if last >= number { return true }
            if !isForward || host.hasEnded || tail.failed > 0 { return false }
        }
    }

    /// What can be said when tasks are not completed.
    var state: String {
        "\(tail.completed) of \(count) completed, \(tail.failed) failed\(tail.failure.map { ": \($0)" } ?? ""); the host "
            + "\(host.hasEnded ? "has ended" : "runs") and said last:\n\(host.errorSoFar.suffix(2000))"
    }

    func killServer() async throws {
        serverKills.append(now)
        let port = server.port
        await server.kill()
        said.append(await server.command.outcome())
        server = try await ExampleServer(serverArguments, data: data, port: port, key: Self.key)
    }

    func killHost() async throws {
        host.signal(SIGKILL)
        said.append(await host.outcome())
        // Behind its end: nothing that it did comes later.
        hostKills.append(now)
        host = try hostRunner.start(["run"])
    }

    /// Ends both in order.
    func stop() async -> CommandOutcome {
        host.signal(SIGTERM)
        let outcome = await host.outcome()
        server.command.signal(SIGTERM)
        said += [outcome, await server.command.outcome()]
        return outcome
    }

    /// How often each task ran, by its number from 0; the ids are larger by one.
    func runs() throws -> [Int: Int] {
        try scratch.read("runs").split(separator: "\n").reduce(into: [:]) { $0[(Int($1) ?? -1) + 1, default: 0] += 1 }
    }

    /// Where the key can be found: in what was said, or in a file.
    func leaks() throws -> [String] {
        let key = Data(Self.key.utf8)
        var leaks: [String] = []
        for outcome in said where Data(outcome.output + outcome.error).range(of: key) != nil {
            leaks.append("output: \(outcome.errorText.split(separator: "\n").first { $0.contains(Self.key) } ?? "")")
        }
        for name in FileManager.default.enumerator(atPath: scratch.path)?.compactMap({ $0 as? String }) ?? [] {
            // Sockets and directories cannot be read.
            guard let content = FileManager.default.contents(atPath: scratch.file(name)) else { continue }
            if content.range(of: key) != nil { leaks.append(name) }
        }
        return leaks
    }
}
