import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Lets a command that makes things take them away again after Ctrl-C: the signal sets a flag and ends system calls.
enum Interruption {
    private static let received = Atomic<Int32>(0)

    /// From now on SIGINT, SIGTERM and SIGHUP are only noted.
    static func watch() {
        // The first use of a global is not safe in a handler.
        received.store(0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { Interruption.received.store($0, ordering: .relaxed) }
            // No SA_RESTART: what waits shall look.
            sigaction(number, &action, nil)
        }
    }

    /// Whether a signal came.
    static var hasCome: Bool { received.load(ordering: .relaxed) != 0 }

    /// - Throws: ``CommandFailure`` if a signal came.
    static func check() throws(CommandFailure) {
        if hasCome { throw CommandFailure(.failed, "Interrupted.") }
    }
}
