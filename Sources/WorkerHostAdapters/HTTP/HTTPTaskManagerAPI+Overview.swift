import WorkerHostCore

extension HTTPTaskManagerAPI {
    /// How many tasks there are in each state.
    public struct Overview: Sendable, Hashable {
        /// By `pending`, `claimed`, `completed` and `failed`.
        public let counts: [String: Int]
        /// The API has no totals: so many of each are counted, and no more.
        public let limit: Int

        /// How many are in that state, up to ``limit``.
        public func count(_ status: String) -> Int { counts[status] ?? 0 }
    }

    private static let countedMost = 1000

    /// Counts the tasks in each state.
    /// - Throws: ``HTTPError`` or ``HTTPTaskManagerError``.
    public func overview() async throws -> Overview {
        let statuses = ["pending", "claimed", "completed", "failed"]
        let responses = await send(
            statuses.map { .get("\(APIPath.create)?status=\($0)&limit=\(Self.countedMost)&offset=0") })
        var counts: [String: Int] = [:]
        for (status, response) in zip(statuses, responses) {
            let response = try response.get()
            switch Judge.verdict(.listTasks, response) {
            case .done(let data):
                counts[status] = response.body.withUnsafeBufferPointer { bytes in
                    data.map { JSONBytes.all($0, bytes).count } ?? 0
                }
            case let verdict: throw Self.error(verdict)
            }
        }
        return Overview(counts: counts, limit: Self.countedMost)
    }
}
