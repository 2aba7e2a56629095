import WorkerHostCore

/// Redraws a progress line five times a second while the calling task is not cancelled.
enum ProgressDisplay {
    /// What a line shows.
    struct Snapshot: Sendable {
        var done: Int
        var failed: Int
        var running: Int?
        var waiting: Int?
    }

    /// Draws until cancelled, then takes the line away. Returns at once where nobody looks.
    static func run(_ snapshot: @escaping @Sendable () async -> Snapshot) async {
        guard Terminal.error.canRedraw else { return }
        var line = ProgressLine()
        while !Task.isCancelled {
            let now = await snapshot()
            let text = line.text(
                done: now.done, failed: now.failed, running: now.running, waiting: now.waiting,
                columns: Terminal.error.columns ?? 80)
            Talk.shared.setFooter(text)
            do { try await Task.sleep(for: .milliseconds(200)) } catch { break }
        }
        Talk.shared.setFooter("")
    }

    /// Runs `body` with a progress line below what it says.
    @MainActor
    static func during<Value: Sendable>(
        _ snapshot: @escaping @Sendable () async -> Snapshot, _ body: @MainActor () async throws -> Value
    ) async throws -> Value {
        let display = Task { await run(snapshot) }
        do {
            let value = try await body()
            display.cancel()
            await display.value
            return value
        } catch {
            display.cancel()
            await display.value
            throw error
        }
    }
}
