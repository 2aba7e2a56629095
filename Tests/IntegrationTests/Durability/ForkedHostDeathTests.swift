import Foundation
import Testing

/// kill -9 of a host whose workers are forked from a template: neither the template nor a child is left.
@Suite struct ForkedHostDeathTests {
    @Test func neitherTemplateNorChildrenOutliveAKilledHost() async throws {
        let package = URL(filePath: #filePath).appending(path: "../../../../SDK/python/src").standardizedFileURL.path
        let scratch = try ScratchDirectory()
        try scratch.write(
            "stuck.py",
            """
            import os, time
            from workerhost import run, worker

            @worker
            def stick(params):
                if os.fork() == 0: time.sleep(600)
                with open("runs", "a") as file: file.write("begun\\n")
                time.sleep(600)

            if __name__ == "__main__": run()
            """)
        try scratch.write(
            "workerhost.yaml",
            """
            task_manager: {type: sqlite, path: state/queue.sqlite}
            workers:
              - {name: w, project_path: ., command: [python3, -m, stuck], task_types: [T], mode: fork, concurrency: 4,
                 environment: {PYTHONPATH: "\(package)", PYTHONDONTWRITEBYTECODE: "1"}}
            """)
        let runner = CommandRunner.workerhost.inside(scratch.path)
        let tasks = (0..<4).map { #"{"type":"T","params":{"n":\#($0)}}"# }.joined(separator: "\n")
        #expect(try await runner.run(["submit", "-"], input: .text(tasks + "\n")).code == 0)
        let host = try runner.start(["run"])
        #expect(
            await eventually { (try? scratch.read("runs"))?.split(separator: "\n").count == 4 }, "four children run")
        // The template, and for each task its child and what that forked.
        #expect(processes(in: scratch.path).count == 9)
        host.signal(SIGKILL)
        _ = await host.outcome()
        #expect(await eventually { processes(in: scratch.path).isEmpty })
    }

    /// The processes that were started from this directory.
    private func processes(in path: String) -> [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.filter { entry in
            guard Int32(entry) != nil else { return false }
            return (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(entry)/cwd")) == path
                && (try? String(contentsOfFile: "/proc/\(entry)/comm", encoding: .utf8))?.hasPrefix("python") == true
        }
    }
}
