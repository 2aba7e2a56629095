import Synchronization
import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One thread that sleeps until a file event, a waiter's deadline or the end.
///
/// SQLite writes a transaction into the log before it makes it visible, so the event for the write may come too early.
/// Programs that use this library therefore *announce* a commit behind it (see ``announce(_:)``), which wakes waiters at
/// once; for writes of any other program the waiters look again some moments after the write.
final class EventThread: Sendable {
    private let hub: ChangeHub
    private let files: QueueFile
    private let wakeUp: WakePipe
    private let events: DirectoryEvents?
    /// What the thread sleeps for.
    private let armed = Guarded(ChangeHub.Waiting())
    private let stopped = Atomic(false)
    private let watching = Atomic(false)
    private let roundCount = Atomic(0)

    init(hub: ChangeHub, files: QueueFile, usesFileEvents: Bool) throws(SQLiteQueueError) {
        guard let pipe = WakePipe() else {
            throw SQLiteQueueError(
                .failed, path: files.path,
                message: "The queue file '\(files.path)' cannot be watched: \(String(cString: strerror(errno))); "
                    + "raise the limit of open files.")
        }
        self.hub = hub
        self.files = files
        self.wakeUp = pipe
        events =
            usesFileEvents ? DirectoryEvents(directory: files.directory, database: files.name) : nil
        watching.store(events != nil, ordering: .relaxed)
        try start()
    }

    private func start() throws(SQLiteQueueError) {
        // Which module the type's initializer is from depends on the order in which files are compiled: memory will do.
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        pthread_attr_init(attributes)
        defer { pthread_attr_destroy(attributes) }
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(attributes, 256 << 10)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self)
        let code = pthread_create(&thread, attributes, Self.main, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw SQLiteQueueError(
                .failed, path: files.path,
                message: "The thread that watches the queue file '\(files.path)' cannot be started: "
                    + "\(String(cString: strerror(code))); raise the limit of processes.")
        }
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        let thread = Unmanaged<EventThread>.fromOpaque(argument).takeRetainedValue()
        var loop = Loop(events: thread.events)
        thread.run(&loop)
        return nil
    }

    /// Whether the system tells about changes by other processes.
    var isWatching: Bool { watching.load(ordering: .relaxed) }

    /// How often the thread has gone round, for tests of its idleness.
    var rounds: Int { roundCount.load(ordering: .relaxed) }

    /// Ends the thread and wakes all waiters.
    func stop() {
        stopped.store(true, ordering: .releasing)
        hub.stop()
        wakeUp.signal()
    }

    /// Waits on the hub; see ``ChangeHub/wait(_:since:until:whenRegistered:)``.
    func wait(_ channel: ChangeHub.Channel, since seen: UInt64, until deadline: UInt64) async {
        // Never `.max`, which stands for "nobody waits".
        await hub.wait(channel, since: seen, until: min(deadline, .max - 1)) { deadline in
            let isNew = armed.withLock { armed in
                guard deadline < armed.deadline ?? .max || !armed.channels.contains(channel) else { return false }
                armed.deadline = min(deadline, armed.deadline ?? .max)
                armed.channels.insert(channel)
                return true
            }
            if isNew { wakeUp.signal() }
        }
    }

    /// Tells waiters of this and all other processes about a commit.
    func announce(_ channel: ChangeHub.Channel) {
        hub.notify(channel)
        // Without the touch other processes find the change a moment later by the write itself, but for a cancel, which
        // they hear of when the lease is reported on.
        utimensat(AT_FDCWD, Self.file(of: channel, files), nil, 0)
    }

    /// The file whose touch announces a change.
    private static func file(of channel: ChangeHub.Channel, _ files: QueueFile) -> String {
        switch channel {
        case .claimable: files.path + "-wal"
        case .finished: files.path
        case .cancelled: files.path + "-shm"
        }
    }
}

// MARK: - The thread

extension EventThread {
    /// What only the thread touches.
    fileprivate struct Loop {
        var events: DirectoryEvents?
        var echo = WriteEcho()
        var quickRounds = 0
        var lastRound: UInt64 = 0
    }

    private func run(_ loop: inout Loop) {
        while !stopped.load(ordering: .acquiring) {
            roundCount.add(1, ordering: .relaxed)
            let now = MonotonicTime.now
            if loop.echo.isDue(at: now) { ChangeHub.Channel.unannounced.forEach(hub.notify) }
            // Armed before the look at the waiters: who registers behind the look signals the pipe.
            armed.withLock { $0 = ChangeHub.Waiting() }
            let waiting = hub.expire(at: now)
            armed.withLock { armed in
                armed.channels.formUnion(waiting.channels)
                armed.deadline = [armed.deadline, waiting.deadline].compactMap { $0 }.min()
            }
            sleep(&loop, waiting)
        }
    }

    private func sleep(_ loop: inout Loop, _ waiting: ChangeHub.Waiting) {
        let now = MonotonicTime.now
        // While nobody waits, events may gather in the kernel: the first waiter signals the pipe.
        let looksForWrites = !waiting.channels.isDisjoint(with: ChangeHub.Channel.unannounced)
        let rest = waiting.channels.isEmpty ? nil : loop.rest(from: now, looksForWrites: looksForWrites)
        var descriptors = [pollfd(fd: wakeUp.reading, events: Int16(POLLIN), revents: 0)]
        if loop.events != nil, rest == nil, !waiting.channels.isEmpty {
            descriptors.append(pollfd(fd: loop.descriptor, events: Int16(POLLIN), revents: 0))
        }
        let deadline = [waiting.deadline, looksForWrites ? loop.echo.next : nil, rest].compactMap { $0 }.min()
        let ready = poll(&descriptors, nfds_t(descriptors.count), MonotonicTime.pollTimeout(until: deadline, now: now))
        guard ready > 0 else { return }
        if descriptors[0].revents != 0 { wakeUp.drain() }
        if descriptors.count > 1, descriptors[1].revents != 0 { handleEvents(&loop) }
    }

    private func handleEvents(_ loop: inout Loop) {
        let now = MonotonicTime.now
        loop.countRound(at: now)
        let seen = loop.readEvents()
        if seen.isClaimable { hub.notify(.claimable) }
        if seen.isFinished { hub.notify(.finished) }
        if seen.isCancelled { hub.notify(.cancelled) }
        if seen.isWritten { loop.echo.written(at: now) }
        if seen.isLost {
            watching.store(false, ordering: .relaxed)
            loop.events = nil
            ChangeHub.Channel.allCases.forEach(hub.notify)
        }
    }
}

extension EventThread.Loop {
    /// Until when the next look at the events waits; nil for not at all.
    ///
    /// After many events in quick succession for a millisecond, so that writers do not keep the thread busy. Who waits for
    /// cancels alone, as a host does whose slots are all taken, is not to be woken by each of the commits around it.
    fileprivate mutating func rest(from now: UInt64, looksForWrites: Bool) -> UInt64? {
        if quickRounds >= 8 {
            quickRounds = 0
            return now + 1_000_000
        }
        let end = lastRound + 20_000_000
        return looksForWrites || end <= now ? nil : end
    }

    fileprivate var descriptor: Int32 { events?.descriptor ?? -1 }

    fileprivate mutating func countRound(at now: UInt64) {
        quickRounds = now &- lastRound < 1_000_000 ? quickRounds + 1 : 0
        lastRound = now
    }

    fileprivate func readEvents() -> DirectoryEvents.Seen { events?.readAll() ?? DirectoryEvents.Seen() }
}
