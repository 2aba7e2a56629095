import Foundation
import Testing

@testable import WorkerHostCore

/// One thing of a worker is broken at a time, and the doctor names it; virtualenvs and interpreters are real.
struct WorkerDoctorTests {
    struct Break: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let id: String
        let status: Diagnosis.Status
        let words: [String]
        let apply: @Sendable (PythonFixture) throws -> Void

        init(
            _ name: String, _ id: String, _ status: Diagnosis.Status, _ words: [String],
            _ apply: @escaping @Sendable (PythonFixture) throws -> Void
        ) {
            testDescription = name
            self.id = "worker.\(id)"
            self.status = status
            self.words = words
            self.apply = apply
        }
    }

    static let virtualenvs: [Break] = [
        Break("no virtualenv", "program", .problem, ["venv_python", "does not exist", "python3 -m venv"]) {
            try FileManager.default.removeItem(atPath: $0.virtualenv)
        },
        Break(
            "its Python was removed", "virtualenv", .problem,
            [
                "is broken: its python leads to /opt/python9/bin/python3, which does not exist any more",
                "make the virtual",
            ]
        ) {
            try FileManager.default.removeItem(atPath: $0.virtualenv + "/bin/python")
            try FileManager.default.createSymbolicLink(
                atPath: $0.virtualenv + "/bin/python", withDestinationPath: "/opt/python9/bin/python3")
        },
        Break(
            "moved", "virtualenv", .warning, ["was moved here from /opt/elsewhere/venv", "cannot be moved or copied"]
        ) {
            for file in ["venv/pyvenv.cfg", "venv/bin/activate"] {
                try $0.replace(file, $0.virtualenv, "/opt/elsewhere/venv")
            }
        },
        Break("copied", "virtualenv", .warning, ["is a copy of", "'tool' in its bin still starts another place's"]) {
            try FileManager.default.copyItem(atPath: $0.virtualenv, toPath: $0.root + "/original")
            for file in ["venv/pyvenv.cfg", "venv/bin/activate"] {
                try $0.replace(file, $0.virtualenv, $0.root + "/original")
            }
            try $0.write("venv/bin/tool", "#!\($0.root)/original/bin/python\n", mode: 0o755)
        },
        Break("upgraded under it", "virtualenv", .problem, ["was made for Python 3.2.1", "was upgraded", "not seen"]) {
            try FileManager.default.moveItem(
                atPath: "\($0.virtualenv)/lib/python\(PythonFixture.version)", toPath: $0.virtualenv + "/lib/python3.2")
            try $0.write("venv/lib/python3.2/site-packages/thing/__init__.py", "")
            let version = try #require(Virtualenv(program: $0.virtualenv + "/bin/python")?.version)
            try $0.replace("venv/pyvenv.cfg", "version = \(version)", "version = 3.2.1")
        },
        Break("no pyvenv.cfg", "virtualenv", .problem, ["has no pyvenv.cfg", "Make it anew"]) {
            try FileManager.default.removeItem(atPath: $0.virtualenv + "/pyvenv.cfg")
        },
        Break("its source was removed", "virtualenv", .problem, ["from the Python in /opt/python9/bin, which does not"])
        {
            let home = try #require(Virtualenv(program: $0.virtualenv + "/bin/python")?.home)
            try $0.replace("venv/pyvenv.cfg", "home = \(home)", "home = /opt/python9/bin")
        },
    ]

    static let imports: [Break] = [
        Break("no module", "import", .problem, ["finds no module 'job' in", "No module named 'job'", "project_path"]) {
            try FileManager.default.removeItem(atPath: $0.project + "/job.py")
        },
        Break("a package without __main__", "import", .problem, ["cannot be directly executed", "Add a __main__.py"]) {
            try FileManager.default.removeItem(atPath: $0.project + "/job.py")
            try $0.write("project/job/__init__.py", "")
        },
        Break(
            "a missing package", "import", .problem,
            ["ModuleNotFoundError: No module named 'no_such_thing'", "job.py, line 2", "-m pip install no_such_thing"]
        ) { try $0.write("project/job.py", "import json\nimport no_such_thing\n\nprint(1)\n") },
        Break("a syntax error", "import", .problem, ["SyntaxError", "job.py, line 1", "Correct the file"]) {
            try $0.write("project/job.py", "def broken(:\n")
        },
        Break(
            "an exception in what it imports", "import", .problem,
            ["KeyError: 'NO_SUCH_VARIABLE'", "helper.py, line 2", "python -c 'import job'"]
        ) {
            try $0.write("project/job.py", "import helper\nif __name__ == '__main__':\n    helper.run()\n")
            try $0.write("project/helper.py", "import os\nos.environ['NO_SUCH_VARIABLE']\n")
        },
        Break("an end at import", "import", .problem, ["SystemExit: not today", "__name__"]) {
            try $0.write("project/job.py", "import sys\nif __name__ == '__main__': pass\nsys.exit('not today')\n")
        },
        Break("a crash at import", "import", .problem, ["was ended by SIGSEGV (signal 11)", "install it anew"]) {
            try $0.write(
                "project/job.py", "import os, signal\nif __name__ == '__main__': pass\nos.kill(os.getpid(), 11)\n")
        },
        Break("an import without end", "import", .problem, ["was not done after 500 ms and was ended", "--timeout"]) {
            $0.deadline = .milliseconds(500)
            try $0.write("project/job.py", "import time\nif __name__ == '__main__': pass\ntime.sleep(1000)\n")
        },
        Break("memory too little to start", "import", .problem, ["1 MiB (limits.max_memory_mb) are not enough"]) {
            $0.worker.limits.maxMemoryMiB = 1
        },
        Break("memory too little to import", "import", .problem, ["MemoryError", "Raise limits.max_memory_mb (64)"]) {
            $0.worker.limits.maxMemoryMiB = 64
            try $0.write("project/job.py", "x = bytearray(500_000_000)\nif __name__ == '__main__': pass\n")
        },
        Break("memory that is nearly used up", "memory", .warning, ["of its 64 MiB (limits.max_memory_mb)"]) {
            $0.worker.limits.maxMemoryMiB = 64
            try $0.write("project/job.py", "x = bytearray(50_000_000)\nif __name__ == '__main__': pass\n")
        },
        Break("prints at import", "output_at_import", .warning, ["writes 2 lines", "the first: 'loading'", "stderr"]) {
            try $0.write(
                "project/job.py", "import os\nprint('loading')\nos.write(1, b'x')\nif __name__ == '__main__': pass\n")
        },
        Break("floods at import", "output_at_import", .problem, ["writes more than 1 KiB to standard output"]) {
            $0.worker.limits.maxReplyBytes = 1024
            try $0.write("project/job.py", "print('x' * 100_000)\nif __name__ == '__main__': pass\n")
        },
        Break("a function that is not there", "function", .warning, ["no function 'scrap'; did you mean 'scrape'?"]) {
            $0.worker.function = "scrap"
            try $0.write("project/job.py", "def scrape(): pass\nif __name__ == '__main__': pass\n")
        },
        Break("functions that nobody calls", "idle", .problem, ["only defines functions, and nothing calls them"]) {
            try $0.write("project/job.py", "def scrape():\n    print('{}')\n")
        },
        Break("a long start", "start_up", .warning, ["each task waits", "of it for 'slow'", "-X importtime"]) {
            $0.worker.timeout = .milliseconds(400)
            try $0.write("project/job.py", "import slow\nif __name__ == '__main__': pass\n")
            try $0.write("project/slow.py", "import time\ntime.sleep(0.2)\n")
        },
        Break("requirements that are not met", "requirements", .warning, ["does not have 'no-such-thing'", "-m pip"]) {
            try $0.write(
                "project/requirements.txt", "# comment\nno-such-thing==1.0\nother>1; python_version<'3'\n-r x\n")
        },
    ]

    static let settings: [Break] = [
        Break("no directory", "directory", .problem, ["project_path", "does not exist", "Create the directory"]) {
            $0.worker.projectPath = $0.root + "/nowhere"
        },
        Break("writable for all", "path_safety", .problem, ["is writable for all users", "chmod o-w"]) {
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: $0.project)
        },
        Break("a variable that is not set", "environment", .warning, ["'API_TOKEN', which is not set", "Environment="])
        {
            $0.worker.inheritedEnvironment = ["API_TOKEN"]
        },
        Break("a schema that is none", "schema", .problem, ["its schema cannot be used", "workers[].schema"]) {
            $0.worker.schema = try RawJSON(validating: #"{"type":"no such type"}"#)
        },
        Break("a TMPDIR that is not there", "temporary_directory", .warning, ["its TMPDIR /nowhere/tmp does not exist"])
        {
            $0.worker.environment["TMPDIR"] = "/nowhere/tmp"
        },
    ]

    static let commands: [Break] = [
        Break(
            "an unknown program", "program", .problem, ["'frobnicate' is found neither beside", "Check the spelling"]
        ) {
            $0.run(["frobnicate"])
        },
        Break("CR LF in the first line", "script", .problem, ["ends with CR LF", "'/bin/sh\\r'", "sed -i"]) {
            try $0.write("project/run", "#!/bin/sh\r\ntrue\r\n", mode: 0o755)
            $0.run([$0.project + "/run"])
        },
        Break("a byte order mark", "script", .problem, ["byte order mark"]) {
            try $0.write("project/run", "\u{FEFF}#!/bin/sh\ntrue\n", mode: 0o755)
            $0.run([$0.project + "/run"])
        },
        Break("an interpreter that is gone", "script", .problem, ["run by /old/venv/bin/python, which does not exist"])
        {
            try $0.write("project/run", "#!/old/venv/bin/python\n", mode: 0o755)
            $0.run([$0.project + "/run"])
        },
        Break("an interpreter that env does not find", "script", .problem, ["run by 'no-such-shell'", "worker's PATH"])
        {
            try $0.write("project/run", "#!/usr/bin/env no-such-shell\n", mode: 0o755)
            $0.run([$0.project + "/run"])
        },
        Break("no first line", "script", .problem, ["without a first line such as #!/bin/sh", "command: [sh,"]) {
            try $0.write("project/run", "true\n", mode: 0o755)
            $0.run([$0.project + "/run"])
        },
        Break("a script that is not there", "script", .problem, ["job.sh, which sh is to run, does not exist"]) {
            $0.run(["/bin/sh", "job.sh"])
        },
        Break("CR LF in a shell script", "script", .problem, ["has lines that end with CR LF"]) {
            try $0.write("project/job.sh", "true\r\n")
            $0.run(["/bin/sh", "job.sh"])
        },
        Break("a shell script's syntax", "syntax", .problem, ["job.sh has a syntax error", "-n"]) {
            try $0.write("project/job.sh", "if true; then\n")
            $0.run(["/bin/sh", "job.sh"])
        },
        Break("a Python script that does not import", "import", .problem, ["script 'job.py'", "no_such_thing"]) {
            try $0.write("project/job.py", "import no_such_thing\nprint(1)\n")
            $0.run([$0.virtualenv + "/bin/python", "-u", "job.py"])
        },
    ]

    @Test(arguments: virtualenvs + imports + settings + commands)
    func namesWhatIsBroken(_ broken: Break) async throws {
        let fixture = try PythonFixture()
        try broken.apply(fixture)
        let diagnoses = try await fixture.examine()
        let found = try #require(diagnoses.first(broken.id), "\(diagnoses)")
        #expect(found.status == broken.status)
        #expect(found.subject == "worker 'w'")
        for word in broken.words {
            #expect("\(found.message) \(found.advice ?? "")".contains(word), "'\(word)' in \(found)")
        }
        let others = diagnoses.filter { $0.status != .ok && $0.id != broken.id }
        #expect(others.isEmpty, "nothing else is broken: \(others)")
        for diagnosis in diagnoses {
            #expect((diagnosis.advice != nil) == (diagnosis.status != .ok), "\(diagnosis)")
            #expect(!diagnosis.message.hasSuffix("."), "\(diagnosis)")
        }
    }

    @Test func aHealthyWorkerIsMeasured() async throws {
        let fixture = try PythonFixture()
        fixture.worker.limits.maxMemoryMiB = 1024
        let diagnoses = try await fixture.examine()
        #expect(diagnoses.map(\.id) == ["worker.program", "worker.virtualenv", "worker.import"])
        #expect(diagnoses.allSatisfy { $0.status == .ok }, "\(diagnoses)")
        let facts = try #require(diagnoses.last?.facts)
        #expect(facts["only_imports"] == .flag(false))
        guard case .number(let peak)? = facts["peak_memory_bytes"] else {
            Issue.record("no memory: \(facts)")
            return
        }
        // Measured in the process itself, not the memory that it began in, which is the tests'.
        #expect((1 << 20)..<(64 << 20) ~= peak, "\(peak)")
    }

    @Test func aWorkerThatWorksAtImportIsNotRun() async throws {
        let fixture = try PythonFixture(
            """
            import json, os, sys
            sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
            import helper
            try:
                import no_such_thing
            except ImportError:
                no_such_thing = None

            def work(): pass

            open("ran", "w")
            task = json.load(sys.stdin)
            print(helper.done(task))
            """)
        try fixture.write("project/lib/helper.py", "def done(task): return task\n")
        fixture.worker.function = "work"
        let diagnoses = try await fixture.examine()
        #expect(diagnoses.allSatisfy { $0.status == .ok }, "\(diagnoses)")
        #expect(diagnoses.last?.message.contains("so only its imports were tried") == true, "\(diagnoses)")
        #expect(!FileManager.default.fileExists(atPath: fixture.project + "/ran"))
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.project).sorted()
        #expect(files == ["job.py", "lib"], "nothing was written, not even compiled files")
    }

    @Test func thePackagesOwnMainIsTried() async throws {
        let fixture = try PythonFixture()
        try fixture.write("project/pack/__init__.py", "value = 1\n")
        try fixture.write("project/pack/__main__.py", "from . import value, other\nprint(value, other.x)\n")
        try fixture.write("project/pack/other.py", "x = 1\n")
        fixture.worker.module = "pack"
        #expect(try await fixture.examine().allSatisfy { $0.status == .ok })
        try fixture.write("project/pack/other.py", "x = undefined\n")
        let broken = try #require(try await fixture.examine().first("worker.import"))
        #expect(broken.message.contains("NameError: name 'undefined' is not defined"), "\(broken)")
        #expect(broken.facts["line"] == .number(1))
    }

    @Test func nothingThatAnImportStartedLivesOn() async throws {
        let fixture = try PythonFixture(
            """
            import subprocess
            child = subprocess.Popen(["sleep", "1000"], start_new_session=True, stdout=subprocess.DEVNULL)
            open("pid", "w").write(str(child.pid))
            if __name__ == "__main__": pass
            """)
        _ = try await fixture.examine()
        let pid = try #require(Int32(String(contentsOfFile: fixture.project + "/pid", encoding: .utf8)))
        let hasEnded = await eventually { ProcessTable.startTicks(of: pid) == nil }
        #expect(hasEnded)
    }

    @Test func aDirtyWorkersStandardLibraryIsItsOwnMatter() async throws {
        // The probe's own imports must not come from the worker's directory.
        let fixture = try PythonFixture()
        for name in ["ast", "tokenize", "threading", "importlib"] {
            try fixture.write("project/\(name).py", "raise RuntimeError('taken')\n")
        }
        let diagnoses = try await fixture.examine()
        #expect(diagnoses.allSatisfy { $0.status == .ok }, "\(diagnoses)")
    }

    @Test func unsafePathsAreLeftAloneWhereTheConfigurationSaysSo() async throws {
        let fixture = try PythonFixture()
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: fixture.project)
        var configuration = HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite), workers: [fixture.worker],
            stateDirectory: fixture.root)
        configuration.security.validateWorkerPaths = false
        let doctor = Doctor(configuration, environment: fixture.environment)
        #expect(await doctor.examine(worker: "w")?.allSatisfy { $0.status == .ok } == true)
        #expect(await doctor.examine(worker: "v") == nil)
    }

    @Test func twoWorkersOfOneTypeAreNamed() {
        func worker(_ name: String, _ types: [String]) -> WorkerConfiguration {
            WorkerConfiguration(name: name, projectPath: "/", command: ["/bin/true"], taskTypes: types)
        }
        let found = SharedTypesCheck(workers: [worker("a", ["A", "B"]), worker("b", ["B.*", "B"])]).run()
        #expect(
            found.map(\.message) == [
                "'a' and 'b' name the task type 'B': 'a' runs it, 'b' only while that cannot be started"
            ])
        #expect(SharedTypesCheck(workers: [worker("a", ["A"]), worker("b", ["B"])]).run().isEmpty)
    }
}

extension PythonFixture {
    /// Makes the worker one of a command line.
    fileprivate func run(_ command: [String]) {
        worker.venvPython = nil
        worker.module = nil
        worker.command = command
    }
}
