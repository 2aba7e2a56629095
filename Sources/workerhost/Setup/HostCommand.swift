import ArgumentParser

/// A subcommand; its work runs on the main thread, where waiting for a slow reader of standard output holds up nobody.
protocol HostCommand: ParsableCommand {
    /// Does the work.
    /// - Throws: ``CommandFailure`` with the exit code.
    @MainActor func execute() async throws
}
