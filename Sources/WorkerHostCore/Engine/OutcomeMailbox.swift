/// Takes outcomes from the lanes and keeps them for the reporter.
final class OutcomeMailbox: Sendable {
    /// An attempt that has ended, with the proxy that had it started.
    struct Ended: Sendable {
        let proxy: WorkerProxy
        let outcome: AttemptOutcome
    }

    let mailbox = Mailbox<Ended>()

    func send(_ outcome: AttemptOutcome, from proxy: WorkerProxy) {
        mailbox.send(Ended(proxy: proxy, outcome: outcome))
    }

    /// Where a worker's lanes put their outcomes.
    func sink(for proxy: WorkerProxy) -> any AttemptSink { Sink(mailbox: self, proxy: proxy) }

    private struct Sink: AttemptSink {
        let mailbox: OutcomeMailbox
        let proxy: WorkerProxy

        func attemptEnded(_ outcome: AttemptOutcome) { mailbox.send(outcome, from: proxy) }
    }
}
