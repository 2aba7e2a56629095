public import WorkerHostCore

extension SQLiteTaskManager {
    /// What the last call to the file came to.
    struct Health {
        var lastError: SQLiteQueueError?
    }

    /// Whether the last call was answered; without one, the file is asked.
    public func healthCheck() async -> HealthStatus {
        if connection.isClosed { return .unhealthy(reason: "The queue file '\(path)' was closed.") }
        do {
            _ = try await counts()
            guard let error = health.withLock({ $0.lastError }) else { return .healthy }
            return .degraded(reason: error.message)
        } catch {
            return .unhealthy(reason: error.message)
        }
    }

    /// Runs a call and remembers how it ended.
    func noting<Value>(
        _ call: () async throws(SQLiteQueueError) -> Value
    ) async throws(SQLiteQueueError) -> Value {
        do throws(SQLiteQueueError) {
            let value = try await call()
            health.withLock { $0.lastError = nil }
            return value
        } catch {
            health.withLock { $0.lastError = error }
            throw error
        }
    }

    /// What a call that may wait comes to; nil if the file is closed, perhaps just now: that ends a wait, and is no error.
    func unlessClosed<Value>(
        _ call: () async throws(SQLiteQueueError) -> Value
    ) async throws(SQLiteQueueError) -> Value? {
        do throws(SQLiteQueueError) {
            return try await call()
        } catch {
            if error.code == .closed { return nil }
            throw error
        }
    }
}
