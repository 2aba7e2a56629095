import Foundation

/// What the server's journal says became of the tasks.
struct Audit {
    /// How often each task was completed.
    private(set) var completions: [Int: Int] = [:]
    /// Who was given each task, oldest first.
    private(set) var claims: [Int: [Claim]] = [:]
    /// Tasks that ended otherwise.
    private(set) var failures: [Int: Int] = [:]
    /// The numbers in the results that were stored, `{"number":…}`.
    private(set) var numbers: [Int: Int] = [:]
    /// Tasks whose end was found in the queue after a kill, without a line of its own.
    private(set) var recovered: Set<Int> = []

    struct Claim {
        let worker: String
        /// In microseconds since 1970.
        let at: Int
        let attempt: Int
    }

    /// - Parameter path: of the server's data.
    init(path: String) throws {
        for line in try Data(contentsOf: URL(fileURLWithPath: path + ".journal")).split(separator: 0x0A) {
            // What a kill has cut off is no line.
            guard let entry = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
                let task = entry["task"] as? Int
            else { continue }
            if let value = entry["value"] as? [String: Any] { numbers[task] = value["number"] as? Int }
            switch entry["event"] as? String {
            case "completed": completions[task, default: 0] += 1
            case "recovered" where entry["text"] as? String == "completed":
                completions[task, default: 0] += 1
                recovered.insert(task)
            case "failed": failures[task, default: 0] += 1
            case "claim":
                claims[task, default: []].append(
                    Claim(
                        worker: entry["worker"] as? String ?? "", at: entry["at"] as? Int ?? 0,
                        attempt: entry["attempt"] as? Int ?? 0))
            default: break
            }
        }
    }
}
