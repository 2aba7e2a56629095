import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A system call that failed while a command was prepared.
struct SpawnError: Error, CustomStringConvertible {
    let call: String
    let code: Int32
    var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// A process that was just started, and the test's ends of its three streams.
struct SpawnedCommand {
    let pid: pid_t
    /// -1 if there is nothing to write.
    let input: Int32
    let output: Int32
    let error: Int32
    let pendingInput: [UInt8]
    let closesInputWhenWritten: Bool
    let outputLimit: Int?
    let errorLimit: Int?

    /// Held from the making of a descriptor to the start of the process: a process that another test starts meanwhile
    /// would inherit it and keep the pipe open. (`pipe2` is not visible to Swift here.)
    static let lock = Mutex(())

    /// Starts a program.
    static func start(
        _ runner: CommandRunner, arguments: [String], input: CommandRunner.Input, output: CommandRunner.Output,
        error: CommandRunner.Output
    ) throws -> SpawnedCommand {
        try lock.withLock { _ in
            try SpawnedCommand(runner, arguments: arguments, input: input, output: output, error: error)
        }
    }

    private init(
        _ runner: CommandRunner, arguments: [String], input: CommandRunner.Input, output: CommandRunner.Output,
        error: CommandRunner.Output
    ) throws {
        var childEnds: [Int32] = []
        defer { childEnds.forEach { close($0) } }
        let ends: (read: Int32, write: Int32)
        switch input {
        case .none:
            ends = (Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC), -1)
            (pendingInput, closesInputWhenWritten) = ([], true)
        case .bytes(let bytes):
            ends = try Self.pipe()
            (pendingInput, closesInputWhenWritten) = (bytes, true)
        case .open:
            ends = try Self.pipe()
            (pendingInput, closesInputWhenWritten) = ([], false)
        case .terminal:
            let terminal = try Self.terminal(columns: 80)
            ends = (terminal.child, terminal.test)
            (pendingInput, closesInputWhenWritten) = ([], false)
        }
        childEnds.append(ends.read)
        self.input = ends.write
        let outputEnds = try Self.open(output)
        childEnds.append(outputEnds.child)
        (self.output, outputLimit) = (outputEnds.test, outputEnds.limit)
        let errorEnds = try Self.open(error)
        childEnds.append(errorEnds.child)
        (self.error, errorLimit) = (errorEnds.test, errorEnds.limit)
        for descriptor in [self.input, self.output, self.error] where descriptor >= 0 {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
        pid = try Self.spawn(runner, arguments, childEnds)
    }

    /// A pipe that no process inherits; the caller holds ``lock``.
    static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw SpawnError(call: "pipe", code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func open(_ output: CommandRunner.Output) throws -> (child: Int32, test: Int32, limit: Int?) {
        switch output {
        case .pipe:
            let ends = try pipe()
            return (ends.write, ends.read, nil)
        case .closed(let limit):
            let ends = try pipe()
            return (ends.write, ends.read, limit)
        case .terminal(let columns):
            let ends = try terminal(columns: columns)
            return (ends.child, ends.test, nil)
        }
    }

    private static func terminal(columns: Int) throws -> (child: Int32, test: Int32) {
        let main = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard main >= 0 else { throw SpawnError(call: "open of /dev/ptmx", code: errno) }
        // The two requests behind unlockpt and ptsname, which are not visible to Swift here.
        let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        var locked: Int32 = 0
        var index: UInt32 = 0
        guard ioctl(main, unlock, &locked) == 0, ioctl(main, number, &index) == 0 else {
            throw SpawnError(call: "ioctl of /dev/ptmx", code: errno)
        }
        let child = Glibc.open("/dev/pts/\(index)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard child >= 0 else { throw SpawnError(call: "open of the terminal", code: errno) }
        var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(main, UInt(TIOCSWINSZ), &size)
        return (child, main)
    }

    private static func spawn(_ runner: CommandRunner, _ arguments: [String], _ ends: [Int32]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, end) in ends.enumerated() { posix_spawn_file_actions_adddup2(&actions, end, Int32(index)) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var words = [runner.executable] + arguments
        if let directory = runner.directory {
            words = ["/bin/sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", directory] + words
        }
        let pointers = words.map { strdup($0) } + [nil]
        let variables = runner.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (pointers + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, words[0], &actions, &attributes, pointers, variables)
        guard code == 0 else { throw SpawnError(call: "posix_spawn of \(runner.executable)", code: code) }
        return pid
    }
}
