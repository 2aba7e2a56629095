import Foundation
import Testing

@testable import WorkerHostCore

/// Templates that are replaced while their worker works.
@Suite struct TemplateReplacementTests {
    private static let source = """
        from workerhost import run, worker
        VALUE = 1
        keep = []

        @worker
        def work(p):
            return VALUE

        if __name__ == "__main__": run()
        """

    private func run(_ worker: ForkedWorker, _ count: Int) async -> [AttemptOutcome] {
        let sink = OutcomeCollector()
        worker.dispatch((0..<count).map { PoolFixture.leased($0) }, to: sink)
        #expect(await eventually { sink.count == count })
        return sink.outcomes
    }

    @Test func aTemplateIsReplacedAfterSoManyTasks() async {
        let events = EventCollector()
        let worker = ForkedWorker(
            ForkFixture.configuration(fork: ForkSettings(maxTasks: 5), concurrency: 2),
            environment: ForkFixture.environment, services: events.services())
        var templates: Set<Int32> = []
        var failed = 0
        let wereReplaced = await eventually {
            failed += await run(worker, 5).count { !($0.value != nil) }
            if let pid = worker.templatePid { templates.insert(pid) }
            return templates.count >= 3
        }
        #expect(wereReplaced && failed == 0)
        #expect(events.templateChanges.contains { if case .replaced = $0 { true } else { false } })
        await worker.close()
    }

    @Test func aTemplateOverItsMemoryAtTheStartIsToldOnce() async {
        let events = EventCollector()
        let worker = ForkedWorker(
            ForkFixture.configuration(fork: ForkSettings(maxMemoryMiB: 1)), environment: ForkFixture.environment,
            services: events.services())
        _ = await run(worker, 10)
        #expect(events.templateChanges.count == 1, "\(events.templateChanges)")
        await worker.close()
    }

    @Test func aTemplateThatGrowsIsReplaced() async throws {
        let source = Self.source.replacing(
            "keep = []",
            with: "import os, threading, time\nkeep = []\nos.register_at_fork(after_in_parent=lambda: "
                + "keep.append(b'x' * (20 << 20)))")
        let events = EventCollector()
        let worker = ForkedWorker(
            ForkFixture.configuration(
                fork: ForkSettings(maxMemoryMiB: 100), project: ForkFixture.project(source)),
            environment: ForkFixture.environment, services: events.services())
        var templates: Set<Int32> = []
        var failed = 0
        let wereReplaced = await eventually {
            failed += await run(worker, 1).count { !($0.value == "1") }
            if let pid = worker.templatePid { templates.insert(pid) }
            return templates.count >= 2
        }
        #expect(wereReplaced && failed == 0)
        // It is told after the successor has begun to serve.
        let isTold = await eventually {
            events.templateChanges.contains {
                if case .replaced(let reason) = $0 { reason.contains("fork.max_memory_mb") } else { false }
            }
        }
        #expect(isTold)
        await worker.close()
    }

    @Test func aChangedFileIsTakenAndABrokenOneIsNot() async throws {
        let project = ForkFixture.project(Self.source)
        let file = project + "/forkworker.py"
        let events = EventCollector()
        let worker = ForkedWorker(
            ForkFixture.configuration(fork: ForkSettings(reload: .onChange), project: project),
            environment: ForkFixture.environment, services: events.services())
        #expect(await run(worker, 1).first?.value == "1")
        // As long as the one before, and in the same second, as a rule: Python must not take it for that.
        ForkFixture.write(Self.source.replacing("VALUE = 1", with: "VALUE = 2"), to: file)
        #expect(await eventually { await run(worker, 1).first?.value == "2" })
        ForkFixture.write("this is no Python", to: file)
        #expect(
            await eventually {
                events.templateChanges.contains {
                    if case .refused(let reason) = $0 { reason.contains("SyntaxError") } else { false }
                }
            })
        #expect(await run(worker, 1).first?.value == "2", "the one before stays in force")
        // In a directory that was not there before, and imported by the other.
        try FileManager.default.createDirectory(atPath: project + "/part", withIntermediateDirectories: true)
        ForkFixture.write("VALUE = 3\n", to: project + "/part/value.py")
        ForkFixture.write(Self.source.replacing("VALUE = 1", with: "from part.value import VALUE"), to: file)
        #expect(await eventually { await run(worker, 1).first?.value == "3" })
        ForkFixture.write("VALUE = 4\n", to: project + "/part/value.py")
        #expect(await eventually { await run(worker, 1).first?.value == "4" })
        await worker.close()
    }

    @Test func onlySourceFilesAndTheirDirectoriesAreWatched() throws {
        // Without a source at first: the kernel tells that a file was closed when the last process has closed it, and a test
        // beside this one may be starting a process just then.
        let root = ForkFixture.file("tree")
        for name in ["node_modules", ".git", "venv", "package"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
        }
        ForkFixture.write("", to: "\(root)/venv/pyvenv.cfg")
        let watch = SourceWatch(root: root)
        #expect(watch.drain() == nil)
        for name in ["data.csv", "queue.sqlite-wal", "node_modules/a.js", ".git/x.py", "venv/y.py", ".hidden.py"] {
            ForkFixture.write("x", to: "\(root)/\(name)")
        }
        #expect(watch.drain() == nil)
        ForkFixture.write("x", to: "\(root)/package/a.py")
        #expect(watch.drain() == "package/a.py")
        try FileManager.default.removeItem(atPath: "\(root)/package/a.py")
        #expect(watch.drain() == "package/a.py")
        #expect(watch.trouble == nil)
        let small = SourceWatch(root: root, mostDirectories: 1)
        #expect(small.trouble == "there are more than 1 directories below \(root)")
    }
}
