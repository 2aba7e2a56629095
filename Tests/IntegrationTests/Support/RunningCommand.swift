import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A command that was started: what it said so far, and the means to talk to it.
final class RunningCommand: Sendable {
    private struct State {
        var output: [UInt8] = []
        var error: [UInt8] = []
        var pending: [UInt8]
        var closesInput: Bool
        var hasEnded = false
        var outcome: CommandOutcome?
        var waiters: [CheckedContinuation<CommandOutcome, Never>] = []
        /// Grows with everything that is said, and with the end.
        var version = 0
        var watchers: [CheckedContinuation<Void, Never>] = []

        mutating func changed() -> [CheckedContinuation<Void, Never>] {
            version += 1
            defer { watchers = [] }
            return watchers
        }
    }

    /// The process; also its process group.
    let pid: pid_t
    private let state: Mutex<State>
    /// A pipe: a byte makes the pump look again, because the test gave input or the process ended.
    private let wake: (read: Int32, write: Int32)

    init(_ spawned: SpawnedCommand, bound: Duration) throws {
        pid = spawned.pid
        wake = try SpawnedCommand.lock.withLock { _ in try SpawnedCommand.pipe() }
        state = Mutex(State(pending: spawned.pendingInput, closesInput: spawned.closesInputWhenWritten))
        let thread = Thread { [self] in
            CommandPump(spawned, wake: wake.read, deadline: .now + bound).pump(self)
        }
        thread.start()
        Thread { [self] in
            // Sees the end without reaping it, so that the pid stays the process's until the pump is done with it.
            var information = siginfo_t()
            while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
            state.withLock { $0.hasEnded = true }
            poke()
        }.start()
    }

    deinit {
        close(wake.read)
        close(wake.write)
    }

    /// Waits for the end.
    func outcome() async -> CommandOutcome {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> CommandOutcome? in
                if state.outcome == nil { state.waiters.append(continuation) }
                return state.outcome
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Sends a signal to the process alone.
    func signal(_ number: Int32) { kill(pid, number) }

    /// Writes to a standard input that was opened as ``CommandRunner/Input/open``.
    func write(_ text: String) {
        state.withLock { $0.pending += Array(text.utf8) }
        poke()
    }

    /// Ends a standard input that was opened as ``CommandRunner/Input/open``.
    func closeInput() {
        state.withLock { $0.closesInput = true }
        poke()
    }

    /// What it wrote to standard output so far.
    var outputSoFar: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }
    /// What it wrote to standard error so far.
    var errorSoFar: String { state.withLock { String(decoding: $0.error, as: UTF8.self) } }

    /// Waits until `condition` holds, looking again whenever the command said something; false when it ended (at the
    /// latest by its bound) without it.
    func wait(until condition: (RunningCommand) -> Bool) async -> Bool {
        while true {
            let (version, isOver) = state.withLock { ($0.version, $0.outcome != nil) }
            if condition(self) { return true }
            if isOver { return false }
            await change(since: version)
        }
    }

    private func change(since version: Int) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let hasChanged = state.withLock { state in
                if state.version == version { state.watchers.append(continuation) }
                return state.version != version
            }
            if hasChanged { continuation.resume() }
        }
    }

    private func poke() {
        var byte: UInt8 = 1
        _ = Glibc.write(wake.write, &byte, 1)
    }

    // The rest is for the pump's thread.

    /// Whether the process has ended; it may not have been reaped yet.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func took(_ bytes: ArraySlice<UInt8>, fromError: Bool) -> Int {
        let (count, watchers) = state.withLock { state in
            if fromError { state.error += bytes } else { state.output += bytes }
            return (fromError ? state.error.count : state.output.count, state.changed())
        }
        watchers.forEach { $0.resume() }
        return count
    }

    /// Hands out what is to be written; nil when standard input is to be closed.
    func nextInput() -> [UInt8]? {
        state.withLock { state in
            if !state.pending.isEmpty { return Array(state.pending.prefix(65_536)) }
            return state.closesInput ? nil : []
        }
    }

    func wrote(_ count: Int) { state.withLock { $0.pending.removeFirst(count) } }

    func ended(code: Int32, overran: Bool) {
        let (outcome, waiters, watchers) = state.withLock { state in
            let outcome = CommandOutcome(output: state.output, error: state.error, code: code, overran: overran)
            state.outcome = outcome
            defer { state.waiters = [] }
            return (outcome, state.waiters, state.changed())
        }
        waiters.forEach { $0.resume(returning: outcome) }
        watchers.forEach { $0.resume() }
    }
}
