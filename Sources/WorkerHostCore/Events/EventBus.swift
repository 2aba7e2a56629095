/// Carries events from any thread to the observers, each behind a bounded queue of its own.
///
/// The order of the calls to ``emit(_:)`` from one thread is kept, so that each task's events arrive in order.
final class EventBus: Sendable {
    private struct Subscriber: Sendable {
        let name: String
        let observer: any Observer
        let mailbox: Mailbox<TaskEvent>
    }

    private let subscribers: [Subscriber]

    /// - Parameter capacity: how many events may wait for one observer.
    init(observers: [any Observer], capacity: Int = 16_384) {
        subscribers = observers.enumerated().map { index, observer in
            Subscriber(
                name: "\(type(of: observer))#\(index)", observer: observer, mailbox: Mailbox(capacity: capacity))
        }
    }

    /// Never blocks; what finds no room is lost and counted.
    func emit(_ events: [TaskEvent]) {
        for subscriber in subscribers { subscriber.mailbox.send(contentsOf: events) }
    }

    /// Delivers until ``finish()`` is called and everything is delivered.
    func run() async {
        await withDiscardingTaskGroup { group in
            for subscriber in subscribers {
                group.addTask {
                    var last = MonotonicTime.now
                    while let events = await subscriber.mailbox.next() {
                        for event in events { await event.deliver(to: subscriber.observer) }
                        let now = MonotonicTime.now
                        // Under load events are handed over some at a time: a wake-up for each would cost more than
                        // all the rest of the host's work on a short task.
                        if last.duration(to: now) < Self.pause * 4 { await Self.pauseForMore() }
                        last = now
                    }
                }
            }
        }
    }

    private static let pause = Duration.milliseconds(2)

    private static func pauseForMore() async {
        // Never cancelled: the bus ends by `finish()`. If it were, the pause would only be shorter.
        do { try await Task.sleep(for: pause) } catch { return }
    }

    func finish() {
        for subscriber in subscribers { subscriber.mailbox.finish() }
    }

    /// How many events each observer has lost because it was too slow.
    var losses: [String: Int] {
        subscribers.reduce(into: [:]) { $0[$1.name] = $1.mailbox.lost }
    }
}
