import CWorkerProcess

/// Runs a task's next piece on the thread that resumes it, where that thread has offered itself; elsewhere as usual.
///
/// A lane that hands over the outcome of a lone task has nothing else to do. To wake another thread for the report would
/// take longer than the report.
final class InlineExecutor: TaskExecutor {
    static let shared = InlineExecutor()

    /// Lets what `body` resumes run on this thread, up to where it has to wait. Not from the cooperative pool, and
    /// with no lock held.
    static func offering(_ body: () -> Void) {
        wh_offer_thread(1)
        body()
        wh_offer_thread(0)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard wh_take_offered_thread() == 1 else { return globalConcurrentExecutor.enqueue(job) }
        job.runSynchronously(on: asUnownedTaskExecutor())
        wh_offer_thread(1)
    }
}
