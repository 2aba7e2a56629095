import Testing

@testable import WorkerHostCore

/// The queue between threads and the one task that empties it.
@Suite struct MailboxTests {
    @Test func moreWaitsForEnoughAndTakesAllThatIsThere() async {
        let mailbox = Mailbox<Int>()
        mailbox.send(1)
        async let more = mailbox.more(atLeast: 3, until: .now.advanced(by: .seconds(60)))
        mailbox.send(2)
        mailbox.send(contentsOf: [3, 4])
        #expect(Set(await more).isSuperset(of: [1, 2, 3]))
    }

    @Test func moreEndsAtItsMomentWithWhatThereIs() async {
        let mailbox = Mailbox<Int>()
        mailbox.send(1)
        #expect(await mailbox.more(atLeast: 3, until: .now.advanced(by: .milliseconds(5))) == [1])
        #expect(await mailbox.more(atLeast: 3, until: .now.advanced(by: .milliseconds(5))).isEmpty)
        // The wait for one element is not disturbed by those that wanted more.
        async let next = mailbox.next()
        mailbox.send(2)
        #expect(await next == [2])
    }

    @Test func theEndOfAMailboxEndsTheWaitForMore() async {
        let mailbox = Mailbox<Int>()
        async let more = mailbox.more(atLeast: 3, until: .now.advanced(by: .seconds(60)))
        mailbox.finish()
        #expect(await more.isEmpty)
        #expect(await mailbox.next() == nil)
    }
}
