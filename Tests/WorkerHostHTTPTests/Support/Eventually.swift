/// Whether the condition holds within a bound that is far beyond what any machine needs.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<3000 {
        if try await condition() { return true }
        // The loop ends by itself; a cancelled test only ends it sooner.
        try? await Task.sleep(for: .milliseconds(10))
    }
    return try await condition()
}
