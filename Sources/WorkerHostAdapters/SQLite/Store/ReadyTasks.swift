import GRDB

/// Finds the best claimable tasks. Looks at index rows only, and at no more of them than it returns for each type.
enum ReadyTasks {
    static let page = """
        SELECT priority, id FROM tasks WHERE status = 0 AND type_id = ?
        ORDER BY priority DESC, id LIMIT ? OFFSET ?
        """

    static func exist(of type: Int64, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT 1 FROM tasks WHERE status = 0 AND type_id = ? LIMIT 1")
        return try Int.fetchOne(statement, arguments: [type]) != nil
    }

    /// The ids of the `limit` best tasks: by priority, then the oldest.
    static func best(_ limit: Int, of types: [Int64], _ db: Database) throws -> [Int64] {
        let chunk = types.count == 1 ? limit : max(4, min(limit, 2 * limit / max(1, types.count)))
        var queues: [TypeQueue] = []
        for type in types {
            var queue = TypeQueue(type: type, chunk: chunk)
            if try queue.fill(db) { queues.append(queue) }
        }
        var ids: [Int64] = []
        ids.reserveCapacity(limit)
        while ids.count < limit, let best = queues.indices.max(by: { queues[$1].head < queues[$0].head }) {
            ids.append(queues[best].head.id)
            if try !queues[best].advance(db) { queues.swapAt(best, queues.count - 1); queues.removeLast() }
        }
        return ids
    }

    private struct Candidate: Comparable {
        let priority: Int64
        let id: Int64

        /// The better one is the smaller one.
        static func < (left: Candidate, right: Candidate) -> Bool {
            left.priority != right.priority ? left.priority > right.priority : left.id < right.id
        }
    }

    /// The claimable tasks of one type, best first, fetched in pieces.
    private struct TypeQueue {
        let type: Int64
        let chunk: Int
        private var candidates: [Candidate] = []
        private var position = 0
        private var fetched = 0

        init(type: Int64, chunk: Int) {
            self.type = type
            self.chunk = chunk
        }

        var head: Candidate { candidates[position] }

        /// Whether there is a head now.
        mutating func advance(_ db: Database) throws -> Bool {
            position += 1
            if position < candidates.count { return true }
            return candidates.count < chunk ? false : try fill(db)
        }

        mutating func fill(_ db: Database) throws -> Bool {
            candidates.removeAll(keepingCapacity: true)
            position = 0
            let rows = try Row.fetchCursor(
                try db.cachedStatement(sql: ReadyTasks.page), arguments: [type, chunk, fetched])
            while let row = try rows.next() {
                candidates.append(Candidate(priority: row[0], id: row[1]))
            }
            fetched += candidates.count
            return !candidates.isEmpty
        }
    }
}
