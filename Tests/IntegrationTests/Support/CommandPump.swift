import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Moves the bytes of one command's streams and waits for its end; runs on a thread of its own.
struct CommandPump {
    private let pid: pid_t
    private let wake: Int32
    private let deadline: ContinuousClock.Instant
    private var input: Int32
    private var output: Int32
    private var error: Int32
    private let outputLimit: Int
    private let errorLimit: Int

    init(_ spawned: SpawnedCommand, wake: Int32, deadline: ContinuousClock.Instant) {
        self.wake = wake
        self.deadline = deadline
        (pid, input, output, error) = (spawned.pid, spawned.input, spawned.output, spawned.error)
        outputLimit = spawned.outputLimit ?? .max
        errorLimit = spawned.errorLimit ?? .max
    }

    /// Pumps until the process ended and said everything.
    func pump(_ command: RunningCommand) {
        var copy = self
        copy.loop(command)
    }

    private mutating func loop(_ command: RunningCommand) {
        var blocked = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        var overran = false
        var hasEnded = false
        while !hasEnded {
            if !overran, ContinuousClock.now > deadline {
                overran = true
                kill(-pid, SIGKILL)
            }
            feed(command)
            hasEnded = step(command)
        }
        // What the process left in its pipes; a descendant that still holds them is not waited for.
        drain(&output, command, fromError: false, limit: outputLimit)
        drain(&error, command, fromError: true, limit: errorLimit)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        for descriptor in [input, output, error] where descriptor >= 0 { close(descriptor) }
        let signal = status & 0x7F
        command.ended(code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, overran: overran)
    }

    /// Waits for something to happen and takes what came; true once the process has ended.
    private mutating func step(_ command: RunningCommand) -> Bool {
        let wantsToWrite = input >= 0 && command.nextInput()?.isEmpty == false
        var entries = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: error, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wantsToWrite ? input : -1, events: Int16(POLLOUT), revents: 0),
        ]
        guard poll(&entries, nfds_t(entries.count), 200) > 0 else { return command.hasEnded }
        if entries[1].revents != 0 { drain(&output, command, fromError: false, limit: outputLimit) }
        if entries[2].revents != 0 { drain(&error, command, fromError: true, limit: errorLimit) }
        if entries[0].revents != 0 {
            var bytes = [UInt8](repeating: 0, count: 64)
            _ = read(wake, &bytes, bytes.count)
        }
        return command.hasEnded
    }

    private mutating func feed(_ command: RunningCommand) {
        guard input >= 0 else { return }
        while let bytes = command.nextInput() {
            if bytes.isEmpty { return }
            let count = write(input, bytes, bytes.count)
            if count > 0 {
                command.wrote(count)
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                return
            } else {
                break
            }
        }
        close(input)
        input = -1
    }

    private func drain(_ descriptor: inout Int32, _ command: RunningCommand, fromError: Bool, limit: Int) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while descriptor >= 0 {
            let count = read(descriptor, &buffer, min(buffer.count, limit))
            if count > 0 {
                let total = command.took(buffer[..<count], fromError: fromError)
                if total < limit { continue }
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                return
            }
            // The end, a terminal that was hung up (EIO), or the test's limit.
            close(descriptor)
            descriptor = -1
        }
    }
}
