import Logging
import Testing

@testable import WorkerHostCore

@Suite struct EventBusTests {
    private func task(_ id: Int) -> WorkerTask { WorkerTask(id: "\(id)", type: "T", params: .emptyObject) }

    @Test func whatNobodyWantsNeedNotBeMade() {
        let bus = EventBus(observers: [ScopedObserver(scope: [.taskTroubles, .host])])
        #expect(bus.wants(.taskTroubles) && bus.wants(.tasks) && !bus.wants(.taskSteps) && !bus.wants(.taskSuccesses))
        var logger = Logger(label: "test") { _ in LevelledLogHandler() }
        logger.logLevel = .warning
        #expect(!LoggingObserver(logger: logger).scope.contains(.taskSuccesses))
        logger.logLevel = .info
        #expect(LoggingObserver(logger: logger).scope.isSuperset(of: [.taskSuccesses, .taskTroubles]))
        #expect(!LoggingObserver(logger: logger).scope.contains(.taskSteps))
        logger.logLevel = .debug
        #expect(LoggingObserver(logger: logger).scope == .all)
    }

    @Test func aStuckObserverDelaysNobodyAndItsLossesAreCounted() async {
        let stuck = StuckObserver()
        let quick = RecordingObserver()
        let bus = EventBus(observers: [stuck, quick], capacity: 100)
        async let run: Void = bus.run()
        for id in 0..<1000 {
            bus.emit([.received(task(id))])
            if id % 50 == 49 { #expect(await eventually { quick.lines.count == id + 1 }) }
        }
        #expect(quick.lines == (0..<1000).map { "received \($0)" })
        #expect((bus.losses["StuckObserver#0"] ?? 0) >= 800)
        #expect(bus.losses["RecordingObserver#1"] == 0)
        bus.finish()
        stuck.release.fire()
        await run
    }

    @Test func ofAFloodOfOutputOnlySomeMebibytesWaitAndTheRestIsCounted() async {
        let stuck = StuckObserver()
        let bus = EventBus(observers: [stuck])
        async let run: Void = bus.run()
        bus.emit([.received(task(1))])
        let worker = WorkerIdentity(name: "w", slot: 0, pid: 1)
        let line = String(repeating: "x", count: 64 << 10)
        func flood() {
            for _ in 0..<1000 {
                bus.emit([.output(WorkerOutput(worker: worker, taskID: "1", stream: .standardError, lines: [line]))])
            }
        }
        flood()
        let lost = bus.losses["StuckObserver#0"] ?? 0
        #expect((930...960).contains(lost))
        stuck.release.fire()
        // What was delivered makes room again.
        #expect(
            await eventually {
                let before = bus.losses["StuckObserver#0"] ?? 0
                bus.emit([.output(WorkerOutput(worker: worker, taskID: "1", stream: .standardError, lines: [line]))])
                return bus.losses["StuckObserver#0"] == before
            })
        bus.finish()
        await run
    }

    @Test func whatIsQueuedIsDeliveredBeforeTheEnd() async {
        let observer = RecordingObserver()
        let bus = EventBus(observers: [observer])
        bus.emit((0..<500).map { .received(task($0)) })
        bus.finish()
        await bus.run()
        #expect(observer.lines.count == 500)
    }
}

private final class StuckObserver: Observer {
    let release = Signal()
    private let isFirst = Guarded(true)

    func onTaskReceived(_ task: WorkerTask) async {
        let waits = isFirst.withLock { isFirst in
            defer { isFirst = false }
            return isFirst
        }
        if waits { await release.wait() }
    }
}

private struct ScopedObserver: Observer {
    let scope: ObserverScope
}

private struct LevelledLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {}
}
