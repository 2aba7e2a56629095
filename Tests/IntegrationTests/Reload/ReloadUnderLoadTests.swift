import Foundation
import Testing

/// A host that works while its configuration changes again and again.
struct ReloadUnderLoadTests {
    private static let count = 12_000

    /// Round after round another set of workers; `rest` takes what the others leave.
    private static func workers(_ round: Int) -> String {
        var lines = ["  - {name: rest, project_path: ., command: [./note.sh], task_types: ['*'], concurrency: 2}"]
        if round % 2 == 1 {
            lines.append(
                "  - {name: odd, project_path: ., command: [./note.sh], task_types: [Load.A], environment: {ROUND: '\(round)'}}"
            )
        }
        if round % 3 != 0 {
            lines.append(
                "  - {name: third, project_path: ., command: [./note.sh], task_types: ['Load.*'], concurrency: \(1 + round % 2)}"
            )
        }
        if round > 0 {
            lines.append(
                "  - {name: every, project_path: ., command: [./note.sh], task_types: [Load.B], timeout: \(100 + round)s}"
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func text(_ round: Int) -> String {
        "task_manager: {type: sqlite, path: state/queue.sqlite}\nworkers:\n\(workers(round))\n"
    }

    private let fixture: CommandLineFixture

    init() throws {
        fixture = try CommandLineFixture()
        // Without a further process: the shell's own means.
        try fixture.script(
            "note.sh",
            """
            read -r task
            echo "$task" >>ran
            echo '{"success":true,"result":1}'
            """)
        try fixture.scratch.write("workerhost.yaml", Self.text(0))
    }

    private var ran: [Substring] {
        ((try? fixture.scratch.read("ran")) ?? "").split(separator: "\n")
    }

    /// Saves a file and waits until the host has said what became of it, in words that it says only then.
    private func save(_ text: String, _ host: RunningCommand, _ words: String) async throws {
        try fixture.scratch.write("workerhost.yaml", text)
        #expect(
            await host.wait { $0.errorSoFar.contains(words) }, "\(words) is not in: \(host.errorSoFar.suffix(2000))")
    }

    @Test func everyTaskCompletesOnce() async throws {
        let lines = (0..<Self.count).map { "{\"type\":\"Load.\("ABC".map(String.init)[$0 % 3])\"}\n" }.joined()
        #expect(try await fixture.run("submit", "-", input: .text(lines)).code == 0)
        let host = try fixture.runner.start(["run", "--until-idle", "--watch"])
        #expect(await host.wait { $0.errorSoFar.contains("host is running") })
        for round in 1...10 {
            #expect(await host.wait { _ in ran.count >= round * 300 })
            let timeout = "timeout: \(99 + round)s -> \(100 + round)s"
            try await save(Self.text(round), host, round == 1 ? "worker 'every' is added" : timeout)
            if round == 3 || round == 7 {
                try await save(Self.text(round) + "bad_\(round): 1\n", host, "bad_\(round): unknown key")
                let missing = Self.text(round).replacingOccurrences(of: "./note.sh", with: "./missing\(round).sh")
                try await save(missing, host, "missing\(round).sh does not exist")
            }
            if round % 5 == 0 {
                host.signal(SIGHUP)
                let count = round / 5
                #expect(
                    await host.wait {
                        $0.errorSoFar.components(separatedBy: "nothing has changed").count == count + 1
                    })
            }
        }
        let outcome = await host.outcome()
        #expect(outcome.code == 0, "\(outcome.errorText.suffix(2000))")
        #expect(outcome.errorText.contains("workerhost: 12,000 completed, "), "\(outcome.errorText.suffix(300))")
        #expect(!outcome.errorText.contains("missed") && !outcome.errorText.contains("failed"))
        let all = ran
        #expect(all.count == Self.count && Set(all).count == Self.count, "each ran in one process")
        let tasks = try #require(try await fixture.run("tasks", "--json").json() as? [[String: Any]])
        #expect(tasks.count == Self.count)
        #expect(tasks.allSatisfy { $0["status"] as? String == "completed" && $0["attempts"] as? Int == 1 })
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.scratch.file("state/hosts"))
        #expect(left.isEmpty, "the host leaves nothing behind")
    }
}
