import Foundation
import Testing

/// Completion, as bash does it.
struct CompletionTests {
    /// What bash offers for the last of `words`; nothing may be said on standard error.
    private func offers(_ words: [String], in directory: String) async throws -> [String] {
        let bash = CommandRunner(executable: "/bin/bash").inside(directory)
            .with(["PATH": CommandRunner.buildDirectory + ":/usr/local/bin:/usr/bin:/bin"])
        let script = """
            source <(workerhost completions bash)
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMPREPLY=()
            COMP_POINT=${#COMP_LINE}
            _workerhost workerhost "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            (( ${#COMPREPLY[@]} == 0 )) || printf '%s\\n' "${COMPREPLY[@]}"
            """
        let outcome = try await bash.run(["--norc", "--noprofile", "-c", script, "bash"] + words)
        #expect(outcome.code == 0 && outcome.errorText.isEmpty, "\(outcome)")
        return outcome.lines
    }

    @Test func commandsOptionsAndFixedValuesAreOffered() async throws {
        let here = try ScratchDirectory()
        let commands = try await offers(["workerhost", ""], in: here.path)
        #expect(Set(commands).isSuperset(of: ["init", "run", "submit", "status", "tasks", "explain", "validate"]))
        #expect(try await offers(["workerhost", "expl"], in: here.path) == ["explain"])
        #expect(try await offers(["workerhost", "run", "--unt"], in: here.path) == ["--until-idle"])
        let states = try await offers(["workerhost", "tasks", "--status", ""], in: here.path)
        #expect(states == ["pending", "running", "completed", "failed"])
        #expect(try await offers(["workerhost", "init", "--language", "p"], in: here.path) == ["python"])
    }

    @Test func typesAndTasksComeFromTheProject() async throws {
        let fixture = try CommandLineFixture()
        let here = fixture.scratch.path
        #expect(try await offers(["workerhost", "explain", ""], in: here) == [], "there is no queue yet")
        for type in ["Text.Score", "Other.Thing"] {
            _ = try await fixture.run("submit", "--allow-unknown", "--type", type)
        }
        let types = ["Bad.Thing", "Other.Thing", "Text.Score"]
        #expect(try await offers(["workerhost", "submit", "--type", ""], in: here) == types)
        #expect(try await offers(["workerhost", "tasks", "--type", "Te"], in: here) == ["Text.Score"])
        #expect(try await offers(["workerhost", "explain", ""], in: here) == ["2", "1"])
        #expect(try await offers(["workerhost", "check-worker", ""], in: here) == ["ok", "bad"])
        #expect(try await offers(["workerhost", "check-worker", "ok", "--only", "two"], in: here) == ["two-tasks"])
        let file = fixture.scratch.file("workerhost.yaml")
        for option in [["--config", file], ["--config", "=", file], ["--config", "\"\(file)\""]] {
            #expect(try await offers(["workerhost", "submit"] + option + ["--type", "B"], in: "/") == ["Bad.Thing"])
        }
    }

    @Test func withoutAProjectNothingIsOfferedAndNothingSaid() async throws {
        let scratch = try ScratchDirectory()
        #expect(try await offers(["workerhost", "submit", "--type", ""], in: scratch.path) == [])
        try scratch.write("workerhost.yaml", "workers: [")
        #expect(try await offers(["workerhost", "explain", ""], in: scratch.path) == [])
        let odd = try await CommandRunner.workerhost.run(["---completion", "nonsense", "--", "positional@7", "0", "0"])
        #expect(odd.code != 0 && odd.text.isEmpty && odd.errorText.isEmpty, "\(odd)")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func eachShellHasAScript(_ shell: String) async throws {
        let script = try await CommandRunner.workerhost.run(["completions", shell])
        #expect(script.code == 0 && script.errorText.isEmpty)
        #expect(script.text.contains("until-idle") && script.text.contains("---completion"))
        #expect(try await CommandRunner.workerhost.run(["--generate-completion-script", shell]).text == script.text)
    }
}
