import Testing

@testable import WorkerHostCore

/// What is tried of which command line.
struct PythonEntryTests {
    @Test(arguments: [
        (["python3", "-m", "job"], PythonEntry.Target.module("job"), []),
        (["/v/bin/python3.11", "-u", "-mjob.main", "x"], .module("job.main"), ["-u"]),
        (["python", "-W", "ignore", "-X", "dev", "-m", "job"], .module("job"), ["-W", "ignore", "-X", "dev"]),
        (["python", "-u", "run.py", "-m", "other"], .script("run.py"), ["-u"]),
    ])
    func commandsOfPython(_ command: [String], _ target: PythonEntry.Target, _ options: [String]) throws {
        let entry = try #require(PythonEntry(worker(command)))
        #expect(entry.interpreter == command[0])
        #expect(entry.target == target)
        #expect(entry.options == options)
    }

    @Test(arguments: [
        ["python3", "-c", "print(1)"], ["python3", "-"], ["python3"], ["python3", "-m"], ["python-config", "-m", "x"],
        ["bash", "-m", "job"], ["/usr/bin/pythonic", "x.py"],
    ])
    func whatCannotBeTriedIsLeftOut(_ command: [String]) {
        #expect(PythonEntry(worker(command)) == nil)
    }

    private func worker(_ command: [String]) -> WorkerConfiguration {
        WorkerConfiguration(name: "w", projectPath: "/", command: command, taskTypes: ["T"])
    }
}
