import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Starts a worker's templates and looks after them, on a thread that lives as long as the worker: the kernel ends a
/// template when the thread that started it ends.
final class TemplateKeeper: Sendable {
    /// What it tells the worker; on its thread.
    struct Hooks: Sendable {
        /// Tasks go to this template; nil: they wait.
        var serve: @Sendable (Template?) -> Void
        /// How many tasks wait.
        var waiting: @Sendable () -> Int
        /// No template can be started: a task that waits is to be told; with the end of its standard error.
        var startFailed: @Sendable (String, String?) -> Void
        /// The worker does not speak the protocol; why.
        var speaksOtherwise: @Sendable (String) -> Void
    }

    private struct State {
        var isWanted = true
        var isClosed = false
    }

    private let state = Guarded(State())
    let wake: WakeDescriptor

    /// - Throws: ``SystemError`` when no descriptor is left.
    init() throws(SystemError) {
        wake = try WakeDescriptor()
    }

    /// There are tasks: a template is needed.
    func want() {
        state.withLock { $0.isWanted = true }
        wake.wake()
    }

    /// Ends all templates once their children have ended.
    func close() {
        state.withLock { $0.isClosed = true }
        wake.wake()
    }

    /// Something has happened to a template.
    func look() { wake.wake() }

    /// The thread's whole life.
    func run(_ configuration: WorkerConfiguration, _ launcher: Launcher, _ services: LaneServices, _ hooks: Hooks) {
        let loop = TemplateLoop(configuration, launcher, services, hooks) { [weak self] in self?.look() }
        var isClosed = false
        while !isClosed || !loop.isEmpty {
            let (wanted, closed) = state.withLock { state in
                defer { state.isWanted = false }
                return (state.isWanted, state.isClosed)
            }
            if closed, !isClosed {
                isClosed = true
                loop.close()
                continue
            }
            if wanted { loop.wanted() }
            loop.step(wake)
        }
    }
}
