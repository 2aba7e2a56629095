#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Puts the configuration file of a running host in force anew: when it is asked to, and if wanted whenever the file
/// changes.
///
/// A file with errors is refused, and so is one that gives a new or changed worker whose directory or program cannot be
/// used (unless `advanced.security.validate_worker_paths` is false): the configuration before stays in force, and
/// observers are told by ``HostStateChange/configurationRefused(reasons:)``. All work is done on a thread of its own.
public final class ConfigurationReloader: Sendable {
    /// What is done with a configuration that is in force now.
    public typealias Action = @Sendable (LoadedConfiguration, ReloadPlan) -> Void

    /// A writer may be at it for a moment: so long nothing must happen before the file is read.
    private static let quietTime = Duration.milliseconds(150)
    /// Where a directory cannot be watched any more, it is looked for again after so long.
    private static let lostMilliseconds: Int32 = 5000

    private struct Request {
        var isReady = false
        var isWanted = false
        var isStopped = false
    }

    private let host: WorkerHost
    private let loader: ConfigurationLoader
    private let file: String
    private let watches: Bool
    private let onReload: Action
    private let request = Guarded(Request())
    private let wake: WakeDescriptor
    private let thread = Guarded<DedicatedThread?>(nil)

    /// A reloader; it does nothing until it is started.
    /// - Parameters:
    ///   - file: the file that the host's configuration was loaded from.
    ///   - watchesFile: whether a changed file is loaded without being asked to.
    ///   - onReload: called on the reloader's thread after each reload, for what the program itself takes from the file.
    /// - Throws: ``HostError`` when the machine gives no descriptor.
    public init(
        host: WorkerHost, loader: ConfigurationLoader, file: String, watchesFile: Bool = false,
        onReload: @escaping Action = { _, _ in }
    ) throws(HostError) {
        self.host = host
        self.loader = loader
        self.file = file
        watches = watchesFile
        self.onReload = onReload
        do throws(SystemError) {
            wake = try WakeDescriptor()
        } catch {
            throw HostError(
                .resources, "the host cannot start its reloader: \(error); raise the limit of open files (ulimit -n).")
        }
    }

    /// Starts the thread.
    /// - Throws: ``HostError`` when the machine gives none.
    public func start() throws(HostError) {
        do throws(SystemError) {
            let thread = try DedicatedThread(name: "reloader") { self.run() }
            self.thread.withLock { $0 = thread }
        } catch {
            throw HostError(
                .resources, "the host cannot start its reloader: \(error); raise the limit of processes (ulimit -u).")
        }
    }

    /// Asks for a reload and returns at once.
    public func reload() {
        request.withLock { $0.isWanted = true }
        wake.wake()
    }

    /// Whether the thread waits for requests and, if wanted, for changes of the file.
    var isReady: Bool { request.withLock { $0.isReady } }

    /// Ends the thread and waits for its end.
    public func stop() async {
        request.withLock { $0.isStopped = true }
        wake.wake()
        await thread.withLock { $0.take() }?.join()
    }

    private func run() {
        let watch = watches ? FileWatch(path: file) : nil
        var isArmed = watch?.arm() ?? true
        var content = fileContent()
        request.withLock { $0.isReady = true }
        while !request.withLock({ $0.isStopped }) {
            let hasChanged = sleep(watch, milliseconds: isArmed ? -1 : Self.lostMilliseconds)
            let isWanted = request.withLock { request in
                defer { request.isWanted = false }
                return request.isWanted
            }
            if let watch {
                if hasChanged { settle(watch) }
                isArmed = watch.arm()
            }
            let now = fileContent()
            // A watched file that is written without a change is no reason; one that is gone may be about to be replaced.
            guard isWanted || (watches && now != nil && now != content) else { continue }
            content = now
            load()
        }
    }

    /// Sleeps until something happens; whether it was the file.
    private func sleep(_ watch: FileWatch?, milliseconds: Int32) -> Bool {
        var polls = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
        if let watch { polls.append(pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)) }
        guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return false }
        if polls[0].revents != 0 { wake.clear() }
        return polls.count > 1 && polls[1].revents != 0 && watch?.drain() == true
    }

    /// Waits until the file has been left alone for a moment.
    private func settle(_ watch: FileWatch) {
        var end = MonotonicTime.now.advanced(by: Self.quietTime)
        var polls = [
            pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&polls, 2, end.pollMilliseconds(from: .now)) > 0, polls[1].revents == 0 {
            if watch.drain() { end = MonotonicTime.now.advanced(by: Self.quietTime) }
        }
    }

    /// nil for a file that cannot be read now.
    private func fileContent() -> [UInt8]? {
        // What is wrong with it is told when it is loaded.
        do { return try TextFile.bytes(of: file) } catch { return nil }
    }

    private func load() {
        do {
            let loaded = try loader.load(file: file)
            let plan = ReloadPlan(from: host.configuration, to: loaded.configuration)
            let problems = plan.problems(in: loaded.configuration)
            guard problems.isEmpty else { return host.engine.noteRefused(problems) }
            onReload(loaded, try host.reload(loaded.configuration))
        } catch let error as HostError where error.code == .stopping {
            // Nobody is there any more to be told, and nothing to be changed.
        } catch let error as ConfigurationError {
            host.engine.noteRefused(error.issues.map(\.description))
        } catch {
            host.engine.noteRefused(["\(error)"])
        }
    }
}
