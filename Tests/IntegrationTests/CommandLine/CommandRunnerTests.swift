import Foundation
import Testing

/// The helper itself: what a test reads must be what the program wrote.
struct CommandRunnerTests {
    private let shell = CommandRunner(executable: "/bin/sh")

    @Test func collectsBothOutputsAndTheCode() async throws {
        let outcome = try await shell.run(["-c", "echo out; echo err >&2; exit 7"])
        #expect(outcome.text == "out\n")
        #expect(outcome.errorText == "err\n")
        #expect(outcome.code == 7)
    }

    @Test func feedsMoreThanAPipeHolds() async throws {
        let bytes = [UInt8](repeating: 0x61, count: 3_000_000)
        let outcome = try await shell.run(["-c", "cat"], input: .bytes(bytes))
        #expect(outcome.output == bytes)
    }

    @Test func namesTheSignal() async throws {
        let outcome = try await shell.run(["-c", "kill -TERM $$"])
        #expect(outcome.code == 128 + SIGTERM)
    }

    @Test func killsWhatOverrunsItsBound() async throws {
        var runner = shell
        runner.bound = .milliseconds(200)
        let outcome = try await runner.run(["-c", "sleep 600"])
        #expect(outcome.overran)
        #expect(outcome.code == 128 + SIGKILL)
    }

    @Test func takesInputWhileItRuns() async throws {
        let command = try shell.start(["-c", "read a; echo got $a; read b; echo got $b"], input: .open)
        command.write("one\n")
        #expect(await command.wait { $0.outputSoFar == "got one\n" })
        command.write("two\n")
        command.closeInput()
        #expect(await command.outcome().text == "got one\ngot two\n")
    }

    @Test func givesATerminal() async throws {
        let outcome = try await shell.run(
            ["-c", "test -t 2 && ! test -t 1 && stty size <&2 >&2"], error: .terminal(columns: 57))
        #expect(outcome.errorText.contains("24 57"))
    }
}
