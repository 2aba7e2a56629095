import Synchronization
import WorkerHostCore

/// Carries what happens from the attempt's thread to the one that prints, in bounded memory: a terminal that is slower
/// than the worker must not keep the worker's deadline from being looked at.
final class TrialEvents: Sendable {
    private static let mostWaiting = 512

    /// The events in their order.
    let stream: AsyncStream<SingleRun.Event>
    private let continuation: AsyncStream<SingleRun.Event>.Continuation
    private let lost = Mutex(0)

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
    }

    /// How many lines of standard error were not passed on, because too many waited.
    var lostLines: Int { lost.withLock { $0 } }

    func add(_ event: SingleRun.Event) {
        guard case .dropped(let dropped) = continuation.yield(event), case .errorLines(let lines) = dropped else {
            return
        }
        lost.withLock { $0 += lines.count }
    }

    func finish() { continuation.finish() }
}
