import Foundation
import Testing

/// A host as the first process of a container: orphans become its children, and somebody must collect them.
@Suite struct FirstProcessTests {
    /// Namespaces need rights that a developer's account may lack.
    private static let canUnshare: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["--pid", "--fork", "--mount-proc", "true"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.enabled(if: canUnshare, "needs the right to make a pid namespace"))
    func orphansAreCollected() async throws {
        let fixture = try CommandLineFixture()
        // Each task leaves a process behind, in the group and out of it.
        try fixture.script(
            "ok.sh",
            """
            cat >/dev/null; sleep 600 & setsid sleep 600 </dev/null >/dev/null 2>&1 &
            echo '{"success":true,"result":1}'
            """)
        let lines = String(repeating: "{\"type\":\"Text.Score\"}\n", count: 20)
        _ = try await fixture.run("submit", "-", input: .text(lines))
        var unshare = fixture.runner
        unshare.executable = "/usr/bin/unshare"
        let inner = try unshare.start(
            ["--pid", "--fork", "--mount-proc", "--kill-child", fixture.runner.executable, "run"])
        #expect(
            try await eventually {
                try await fixture.run("status", "--json").text.contains(#""completed":20"#)
            })
        // Seen from outside, the host is the child of `unshare`.
        let first = try #require(children(of: inner.pid).first)
        #expect(await eventually { children(of: first).isEmpty }, "neither leftovers nor zombies stay")
        kill(first, SIGTERM)
        let outcome = await inner.outcome()
        #expect(outcome.code == 0, "\(outcome)")
    }

    private func children(of parent: Int32) -> [Int32] {
        let text = (try? String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { Int32($0) }
    }
}
