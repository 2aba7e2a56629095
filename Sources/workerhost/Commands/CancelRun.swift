import WorkerHostCore
import WorkerHostSQLite

/// Tells what became of tasks that were to be cancelled, and waits for those that are being ended.
@MainActor
struct CancelRun {
    let queue: SQLiteTaskManager?
    let stateDirectory: String
    let outcomes: [CancelOutcome]
    let waits: Bool
    let isJSON: Bool

    /// False if a task does not exist.
    func run() async throws -> Bool {
        let wording = CancelWording(
            hosts: try await queue?.overview().hosts ?? [],
            living: Set(HostRecordDirectory(stateDirectory: stateDirectory).living().map(\.id)))
        let output = StandardOutput()
        if isJSON { try output.write("{\"tasks\":[") }
        for (index, outcome) in outcomes.enumerated() {
            let ended = try await end(of: outcome, wording)
            if isJSON {
                try output.write(index == 0 ? "\n" : ",\n")
                try output.write(wording.json(outcome, ended))
            } else if outcome.result == .unknownTask {
                Talk.shared.line("workerhost: \(wording.line(outcome, ended))")
            } else {
                try output.line(wording.line(outcome, ended))
            }
            try output.flush()
        }
        if isJSON { try output.line("\n]}") }
        try output.flush()
        return !outcomes.contains { $0.result == .unknownTask }
    }

    /// The task once it has ended; nil where nobody waits or there is nothing to wait for.
    private func end(of outcome: CancelOutcome, _ wording: CancelWording) async throws -> StoredTask? {
        guard waits, case .requested = outcome.result else { return nil }
        if let hint = wording.hint(outcome) { Talk.shared.line("workerhost: \(hint)") }
        return try await queue?.waitUntilFinished([outcome.id]).first
    }
}
