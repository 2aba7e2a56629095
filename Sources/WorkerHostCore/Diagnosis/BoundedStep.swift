/// Runs a blocking step on a thread of its own and waits for it, but not for ever.
package enum BoundedStep {
    /// Why there is no result.
    package enum Failure: Error {
        /// The step hangs; its thread is left alone.
        case overran
        /// The kernel gave no thread.
        case noThread(SystemError)
    }

    /// The result of `body`.
    package static func run<Value: Sendable>(
        atMost limit: Duration, _ body: @escaping @Sendable () -> Value
    ) async throws(Failure) -> Value {
        let result = Guarded<Value?>(nil)
        let ended = Signal()
        do throws(SystemError) {
            // Walking nested values is the deepest thing a step does; a whole configuration may be read in one.
            _ = try DedicatedThread(name: "doctor", stackSize: 8 << 20) {
                let value = body()
                result.withLock { $0 = value }
                ended.fire()
            }
        } catch {
            throw .noThread(error)
        }
        let end = MonotonicTime.now.advanced(by: limit)
        while MonotonicTime.now < end, !Task.isCancelled {
            if let value = result.withLock({ $0 }) { return value }
            await ended.wait(until: end)
        }
        if let value = result.withLock({ $0 }) { return value }
        throw .overran
    }

    /// The diagnoses of `body`, or the one that it hangs.
    static func diagnoses(
        _ id: String, _ subject: String, atMost limit: Duration, _ body: @escaping @Sendable () -> [Diagnosis]
    ) async -> [Diagnosis] {
        do throws(Failure) {
            return try await run(atMost: limit, body)
        } catch {
            return [diagnosis(id, subject, error, limit)]
        }
    }

    /// What it means that a step has no result.
    static func diagnosis(_ id: String, _ subject: String, _ failure: Failure, _ limit: Duration) -> Diagnosis {
        switch failure {
        case .overran:
            Diagnosis(
                .problem, id: id, subject: subject, "could not be looked at within \(DoctorText.duration(limit))",
                advice: "Something does not answer, mostly a disk or a network file system: look at the mounts "
                    + "('findmnt', 'journalctl -k'), or give more time with --timeout.")
        case .noThread(let error):
            Diagnosis(
                .problem, id: id, subject: subject, "could not be looked at: \(error)",
                advice: "The machine is short of processes or memory: see 'ulimit -a'.")
        }
    }
}
