/// Takes outcomes from the lanes and keeps them for the reporter.
final class OutcomeMailbox: Sendable {
    /// An attempt that has ended, with the proxy that had it started. It is handed on several times: a reference.
    final class Ended: Sendable {
        let proxy: WorkerProxy
        let outcome: AttemptOutcome
        /// Another attempt was to follow, and observers were told so; now none does.
        let isGivenUp: Bool

        init(proxy: WorkerProxy, outcome: AttemptOutcome, isGivenUp: Bool = false) {
            self.proxy = proxy
            self.outcome = outcome
            self.isGivenUp = isGivenUp
        }
    }

    let mailbox = Mailbox<Ended>()

    func send(_ outcome: AttemptOutcome, from proxy: WorkerProxy, isGivenUp: Bool = false) {
        proxy.tasksFinished(1)
        mailbox.send(Ended(proxy: proxy, outcome: outcome, isGivenUp: isGivenUp))
    }

    /// Where a worker's lanes put their outcomes.
    func sink(for proxy: WorkerProxy) -> any AttemptSink { Sink(mailbox: self, proxy: proxy) }

    private final class Sink: AttemptSink {
        let mailbox: OutcomeMailbox
        let proxy: WorkerProxy

        init(mailbox: OutcomeMailbox, proxy: WorkerProxy) {
            self.mailbox = mailbox
            self.proxy = proxy
        }

        func attemptEnded(_ outcome: AttemptOutcome) { mailbox.send(outcome, from: proxy) }

        func attemptsEnded(_ outcomes: [AttemptOutcome]) {
            proxy.tasksFinished(outcomes.count)
            mailbox.mailbox.send(contentsOf: outcomes.map { Ended(proxy: proxy, outcome: $0) })
        }
    }
}
