/// Takes outcomes from the lanes and keeps them for the reporter.
final class OutcomeMailbox: AttemptSink {
    let mailbox = Mailbox<AttemptOutcome>()

    func attemptEnded(_ outcome: AttemptOutcome) {
        mailbox.send(outcome)
    }
}
