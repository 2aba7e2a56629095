import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Runs a program that helps to make something, to its end, and keeps what it said.
struct ToolProcess {
    private static let keptOutput = 1 << 16
    private static let busyTries = 500
    /// So often, five times a second, a program is asked to end.
    private static let mostInterruptedLooks = 25

    /// The exit code; 128 + the signal if one ended it.
    let code: Int32
    /// Standard output and standard error together, the last 64 KiB.
    let output: String

    /// Runs `words`, the first of them looked for in PATH. It gets Ctrl-C itself, being of the same process group.
    /// - Throws: ``CommandFailure`` if it cannot be started, or a signal came meanwhile.
    static func run(_ words: [String]) throws(CommandFailure) -> ToolProcess {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFailure(.failed, "No pipe could be made: \(reason(errno)).") }
        let (readEnd, writeEnd) = (ends[0], ends[1])
        defer { close(readEnd) }
        _ = fcntl(readEnd, F_SETFD, FD_CLOEXEC)
        let (pid, problem) = start(words, output: writeEnd)
        close(writeEnd)
        guard problem == 0 else {
            throw CommandFailure(.failed, "'\(words[0])' could not be started: \(reason(problem)).")
        }
        var output: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        var interruptedLooks = 0
        while true {
            var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, 200)
            if Interruption.hasCome {
                interruptedLooks += 1
                kill(pid, interruptedLooks < mostInterruptedLooks ? SIGTERM : SIGKILL)
            }
            guard ready > 0 else { continue }
            let count = read(readEnd, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            output += block[..<count]
            if output.count > 2 * keptOutput { output.removeFirst(output.count - keptOutput) }
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        try Interruption.check()
        let signal = status & 0x7F
        return ToolProcess(
            code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
            output: String(decoding: output.suffix(keptOutput), as: UTF8.self))
    }

    private static func start(_ words: [String], output: Int32) -> (pid: pid_t, problem: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        if output > STDERR_FILENO { posix_spawn_file_actions_addclose(&actions, output) }
        let arguments = words.map { strdup($0) } + [nil]
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        var problem = posix_spawnp(&pid, words[0], &actions, nil, arguments, variables)
        // A program that somebody is just writing is done in a moment.
        for _ in 0..<busyTries where problem == ETXTBSY {
            usleep(10_000)
            problem = posix_spawnp(&pid, words[0], &actions, nil, arguments, variables)
        }
        return (pid, problem)
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
