import Testing

@testable import WorkerHostCore

@Suite struct LastWordsTests {
    private let plain = TaskFailure(kind: .retriable, type: "ExitCode1", message: "ended", exitCode: 1)

    private static let traceback = """
        Traceback (most recent call last):
          File "worker.py", line 6, in <module>
            raise ValueError("boom")
        some.module.ValueError: boom
        """

    @Test func aTracebackNamesTheException() {
        let failure = LastWords.added(
            to: plain, said: .nothing, standardError: "working\n\(Self.traceback)\n")
        #expect(failure.description == "ValueError: boom (exit code 1)")
        #expect(failure.traceback == Self.traceback)
        #expect(failure.isRetriable && failure.kind == .retriable && failure.exitCode == 1)
    }

    @Test func anExceptionWithoutMessageIsNamedToo() {
        let failure = LastWords.added(
            to: plain, said: .nothing,
            standardError: "Traceback (most recent call last):\n  File \"x\"\nKeyboardInterrupt\n")
        #expect(failure.description == "KeyboardInterrupt: KeyboardInterrupt (exit code 1)")
    }

    @Test(arguments: [
        ("one\ntwo\n\n", "ExitCode1: ended; its last line on standard error: two"),
        (
            "Traceback (most recent call last):\n  cut off",
            "ExitCode1: ended; its last line on standard error:   cut off"
        ),
        ("\n \n", "ExitCode1: ended"),
    ])
    func otherwiseTheLastLineIsShown(_ standardError: String, _ expected: String) {
        #expect(LastWords.added(to: plain, said: .nothing, standardError: standardError).description == expected)
    }

    @Test func aRepliedFailureAndAStopKeepTheirOwnWords() {
        let replied = LastWords.added(to: plain, said: .failure(ReplyError()), standardError: Self.traceback)
        #expect(replied.description == "ExitCode1: ended")
        let timeout = TaskFailure(kind: .timeout, message: "late")
        #expect(LastWords.added(to: timeout, said: .nothing, standardError: Self.traceback).message == "late")
    }
}
