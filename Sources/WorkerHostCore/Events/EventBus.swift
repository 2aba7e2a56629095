/// Carries events from any thread to the observers, each behind a bounded queue of its own.
///
/// The order of the calls to ``emit(_:)`` from one thread is kept, so that each task's events arrive in order.
final class EventBus: Sendable {
    private final class Subscriber: Sendable {
        let name: String
        let observer: any Observer
        let mailbox: Mailbox<TaskEvent>
        /// Bytes of workers' output that wait in the mailbox, and events of it that found no room.
        let output = Guarded((bytes: 0, lost: 0))

        init(name: String, observer: any Observer, capacity: Int) {
            (self.name, self.observer) = (name, observer)
            mailbox = Mailbox(capacity: capacity)
        }

        var scope: ObserverScope { observer.scope }
    }

    /// Events are small, but for the output of workers: so much of it waits for one observer, and no more.
    private static let outputLimit = 4 << 20

    private let subscribers: [Subscriber]

    /// - Parameter capacity: how many events may wait for one observer.
    init(observers: [any Observer], capacity: Int = 16_384) {
        subscribers = observers.enumerated().map { index, observer in
            Subscriber(name: "\(type(of: observer))#\(index)", observer: observer, capacity: capacity)
        }
    }

    /// Whether anybody wants to be told of such events now: if not, they need not be made.
    func wants(_ scope: ObserverScope) -> Bool {
        subscribers.contains { !$0.scope.isDisjoint(with: scope) }
    }

    /// Never blocks; what finds no room is lost and counted.
    func emit(_ events: [TaskEvent]) {
        // Output comes alone.
        if events.count == 1, case .output(let output) = events[0] { return emit(output, events) }
        for subscriber in subscribers {
            let scope = subscriber.scope
            if events.allSatisfy({ scope.contains($0.scope) }) {
                subscriber.mailbox.send(contentsOf: events)
            } else {
                let wanted = events.filter { scope.contains($0.scope) }
                if !wanted.isEmpty { subscriber.mailbox.send(contentsOf: wanted) }
            }
        }
    }

    private func emit(_ output: WorkerOutput, _ events: [TaskEvent]) {
        let size = Self.size(of: output)
        for subscriber in subscribers where subscriber.scope.contains(.output) {
            let hasRoom = subscriber.output.withLock { state in
                if state.bytes + size > Self.outputLimit {
                    state.lost += 1
                    return false
                }
                state.bytes += size
                return true
            }
            if hasRoom, subscriber.mailbox.send(contentsOf: events) == 0 {
                subscriber.output.withLock { $0.bytes -= size }
            }
        }
    }

    /// Roughly what the lines take in memory.
    private static func size(of output: WorkerOutput) -> Int {
        output.lines.reduce(0) { $0 + $1.utf8.count + 48 }
    }

    /// Delivers until ``finish()`` is called and everything is delivered.
    func run() async {
        await withDiscardingTaskGroup { group in
            for subscriber in subscribers {
                group.addTask {
                    var last = MonotonicTime.now
                    while let events = await subscriber.mailbox.next() {
                        for event in events {
                            await event.deliver(to: subscriber.observer)
                            guard case .output(let output) = event else { continue }
                            subscriber.output.withLock { $0.bytes -= Self.size(of: output) }
                        }
                        await subscriber.observer.onPause()
                        let now = MonotonicTime.now
                        // Under load events are handed over some at a time: a wake-up for each would cost more than
                        // all the rest of the host's work on a short task.
                        if last.duration(to: now) < Self.pause * 2 { await Self.pauseForMore() }
                        last = now
                    }
                }
            }
        }
    }

    private static let pause = Duration.milliseconds(10)

    private static func pauseForMore() async {
        // Never cancelled: the bus ends by `finish()`. If it were, the pause would only be shorter.
        do { try await Task.sleep(for: pause) } catch { return }
    }

    func finish() {
        for subscriber in subscribers { subscriber.mailbox.finish() }
    }

    /// How many events each observer has lost because it was too slow.
    var losses: [String: Int] {
        subscribers.reduce(into: [:]) { $0[$1.name] = $1.mailbox.lost + $1.output.withLock { $0.lost } }
    }
}
