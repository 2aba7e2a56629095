import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A thread of the host's own, for calls that block. It takes no signals, SIGPIPE included.
package final class DedicatedThread: Sendable {
    private struct State {
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void
        let thread: DedicatedThread

        init(name: String, thread: DedicatedThread, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.thread = thread
            self.run = run
        }
    }

    private let state = Guarded(State())

    /// Starts the thread.
    /// - Parameter stackSize: in bytes. Scanning nested JSON is the deepest thing a lane does; the system's default of
    ///   8 MiB each would be waste.
    /// - Throws: ``SystemError`` when the kernel gives no thread.
    package init(name: String, stackSize: Int = 1 << 20, _ run: @escaping @Sendable () -> Void) throws(SystemError) {
        let body = Unmanaged.passRetained(Body(name: name, thread: self, run: run))
        let error = wh_start_thread({ DedicatedThread.main($0) }, body.toOpaque(), stackSize)
        guard error == 0 else {
            body.release()
            throw SystemError(error, "start a thread")
        }
    }

    /// Waits until the thread has ended.
    package func join() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        wh_block_signals()
        wh_name_thread(body.name)
        body.run()
        let waiters = body.thread.state.withLock { state in
            state.hasEnded = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
        return nil
    }
}
