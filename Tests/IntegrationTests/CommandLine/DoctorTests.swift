import Foundation
import Testing

/// `workerhost doctor`, the real program on real virtualenvs.
struct DoctorTests {
    /// A project with one Python worker in a virtualenv of its own. Its path is short: sockets must fit below `state`.
    final class Project {
        let path: String
        let runner: CommandRunner

        init(_ workers: String, extra: String = "") async throws {
            path = "/tmp/whd-\(UInt32.random(in: .min ... .max))"
            runner = CommandRunner.workerhost.inside(path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try write(
                "job.py",
                "import json, sys\n\n\ndef work():\n    print('{}')\n\n\nif __name__ == '__main__':\n    work()\n")
            try write(
                "workerhost.yaml", "task_manager: {type: sqlite}\nstate_dir: state\n\(extra)\nworkers:\n\(workers)\n")
            var python = runner
            python.executable = "/usr/bin/env"
            let made = try await python.run(["python3", "-m", "venv", "--without-pip", "venv"])
            try #require(made.code == 0, "\(made)")
        }

        deinit {
            do { try FileManager.default.removeItem(atPath: path) } catch { print("not removed: \(error)") }
        }

        func write(_ name: String, _ text: String) throws {
            try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
        }

        /// Everything in the directory, with its size.
        func content() throws -> [String] {
            let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
            return try names.sorted().map { name in
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
                return "\(name) \(attributes[.size] ?? 0)"
            }
        }

        func doctor(_ arguments: String...) async throws -> CommandOutcome {
            try await runner.run(["doctor"] + arguments)
        }
    }

    private static let healthy = """
          - {name: job, project_path: ., venv_python: venv, module: job, function: work, task_types: [Job]}
        """

    @Test func aHealthyProjectIsWellAndLeftAsItWas() async throws {
        let project = try await Project(Self.healthy)
        let before = try project.content()
        let outcome = try await project.doctor()
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.errorText.isEmpty)
        // What the machine has to say depends on the machine.
        let own = outcome.lines.filter { !$0.contains(" machine: ") }
        #expect(own.prefix(6).allSatisfy { $0.hasPrefix("ok       ") }, "\(outcome)")
        for words in ["1 worker, no errors", "venv/bin/python -m job work", "/venv, Python 3.", "starts in"] {
            #expect(outcome.text.contains(words), "\(words) in \(outcome)")
        }
        #expect(try project.content() == before)
        _ = try await project.runner.run(["submit", "--type", "Job"])
        let queued = try project.content()
        #expect(try await project.doctor().code == 0)
        #expect(try project.content() == queued)
    }

    @Test func whatIsBrokenIsTwoWithAdviceBelowEach() async throws {
        let project = try await Project(
            Self.healthy + """

                  - {name: gone, project_path: ., venv_python: .venv, module: job, task_types: [Gone]}
                  - {name: needy, project_path: ., venv_python: venv, module: needy, task_types: [Needy]}
                """)
        try project.write("needy.py", "import no_such_thing\n\nprint('{}')\n")
        _ = try await project.runner.run(["submit", "--type", "Job"])
        try project.write(
            "workerhost.yaml",
            try String(contentsOfFile: project.path + "/workerhost.yaml", encoding: .utf8)
                .replacingOccurrences(of: "task_types: [Job]", with: "task_types: [Jobs]"))
        let outcome = try await project.doctor()
        #expect(outcome.code == 2, "\(outcome)")
        #expect(outcome.errorText.isEmpty)
        let lines = outcome.lines
        for (start, advice) in [
            ("problem  worker 'gone': venv_python: \(project.path)/.venv", "-> Check the spelling, or create"),
            (
                "problem  worker 'needy': the import of module 'needy' fails: ModuleNotFoundError: No module named "
                    + "'no_such_thing' (\(project.path)/needy.py, line 1)", "-m pip install no_such_thing"
            ),
            ("problem  queue: 1 task of type 'Job' waits, and no worker has that type", "(there is 'Jobs')"),
        ] {
            let index = try #require(lines.firstIndex { $0.hasPrefix(start) }, "\(start) in \(outcome)")
            #expect(lines[index + 1].contains(advice), "\(lines[index + 1])")
        }
        #expect(outcome.text.contains("3 problems"))

        let json = try #require(try await project.doctor("--json").json() as? [[String: Any]])
        #expect(json.allSatisfy { Set($0.keys) == ["id", "subject", "status", "message", "advice", "facts"] })
        let needy = try #require(
            json.first { $0["id"] as? String == "worker.import" && $0["status"] as? String == "problem" })
        let facts = try #require(needy["facts"] as? [String: Any])
        #expect(facts["worker"] as? String == "needy")
        #expect(facts["missing"] as? String == "no_such_thing")
        #expect(facts["line"] as? Int == 1)
    }

    @Test func oneWorkerAlone() async throws {
        let project = try await Project(Self.healthy)
        let outcome = try await project.doctor("--worker", "job")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(!outcome.text.contains("machine:") && !outcome.text.contains("queue:"))
        #expect(outcome.text.contains("4 checks: all is well."))
        let unknown = try await project.doctor("--worker", "jib")
        #expect(unknown.code == 2)
        #expect(unknown.errorText.contains("There is no worker 'jib' in the configuration; did you mean 'job'?"))
        let endless = try await project.doctor("--timeout", "soon")
        #expect(endless.code == 2)
        #expect(endless.errorText.contains("--timeout 'soon' is no duration"))
    }

    @Test func anImportWithoutEndIsEnded() async throws {
        let project = try await Project(Self.healthy)
        try project.write("job.py", "import time\nif __name__ == '__main__': pass\ntime.sleep(10000)\n")
        let outcome = try await project.doctor("--worker", "job", "--timeout", "300ms")
        #expect(outcome.code == 2)
        #expect(outcome.text.contains("was not done after 300 ms and was ended"), "\(outcome)")
    }

    @Test func theConfigurationsErrorsAndUnknownVariablesAreNamed() async throws {
        let project = try await Project(Self.healthy, extra: "logging: {levl: INFO, max_bytes: many}")
        let broken = try await project.doctor()
        #expect(broken.code == 2)
        #expect(broken.text.contains("logging.levl: unknown key"), "\(broken)")
        #expect(broken.text.contains("logging.max_bytes"))
        #expect(broken.text.contains("2 checks: 2 problems, no warnings."))

        let other = try await Project(Self.healthy)
        let variable = try await other.runner.with(["WORKERHOST_LOGGING_LEVL": "x"]).run(["doctor", "--worker", "job"])
        #expect(variable.code == 0)
        #expect(variable.text.contains("warning  configuration: environment variable WORKERHOST_LOGGING_LEVL"))
        #expect(variable.text.contains("-> Correct the variable's name, or unset it."))
        let missing = try await other.doctor("--config", "nowhere.yaml")
        #expect(missing.code == 2)
        #expect(missing.text.contains("does not exist"))
    }

    @Test func aTerminalGetsColours() async throws {
        let project = try await Project(Self.healthy)
        let runner = project.runner.with(["TERM": "xterm"])
        let outcome = try await runner.run(["doctor", "--worker", "job"], output: .terminal(columns: 80))
        #expect(outcome.text.contains("\u{1B}[32mok"))
        #expect(try await !project.doctor("--worker", "job").text.contains("\u{1B}"))
    }
}
