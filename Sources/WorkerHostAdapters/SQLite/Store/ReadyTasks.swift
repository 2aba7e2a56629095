import GRDB

/// The claimable tasks, in the order in which they are taken. Looks at no more of them than it returns for each type.
enum ReadyTasks {
    /// The place of a claimable task.
    struct Place {
        let type: Int64
        let priority: Int64
        let id: Int64
    }

    static let page = """
        SELECT priority, task_id FROM ready WHERE type_id = ? ORDER BY priority DESC, task_id LIMIT ? OFFSET ?
        """
    static let delete = "DELETE FROM ready WHERE type_id = ? AND priority = ? AND task_id = ?"
    static let insert =
        "INSERT INTO ready (type_id, priority, task_id) SELECT type_id, priority, id FROM task_rows WHERE id = ?"
    static let remove = """
        DELETE FROM ready WHERE (type_id, priority, task_id) IN (
            SELECT type_id, priority, id FROM task_rows WHERE id = ?)
        """

    /// Makes a task claimable. Only inside a write transaction.
    static func insert(_ id: Int64, _ db: Database) throws {
        try db.cachedStatement(sql: insert).execute(arguments: [id])
    }

    /// Makes a task not claimable, if it is. Only inside a write transaction.
    static func remove(_ id: Int64, _ db: Database) throws {
        try db.cachedStatement(sql: remove).execute(arguments: [id])
    }

    static func exist(of type: Int64, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT 1 FROM ready WHERE type_id = ? LIMIT 1")
        return try Int.fetchOne(statement, arguments: [type]) != nil
    }

    /// The `limit` best tasks: by priority, then the oldest.
    static func best(_ limit: Int, of types: [Int64], _ db: Database) throws -> [Place] {
        let chunk = types.count == 1 ? limit : max(4, min(limit, 2 * limit / max(1, types.count)))
        var queues: [TypeQueue] = []
        for type in types {
            var queue = TypeQueue(type: type, chunk: chunk)
            if try queue.fill(db) { queues.append(queue) }
        }
        var places: [Place] = []
        places.reserveCapacity(limit)
        while places.count < limit, let best = queues.indices.max(by: { queues[$1].head < queues[$0].head }) {
            let head = queues[best].head
            places.append(Place(type: queues[best].type, priority: head.priority, id: head.id))
            if try !queues[best].advance(db) { queues.swapAt(best, queues.count - 1); queues.removeLast() }
        }
        return places
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
            let page = try HotStatement(db, sql: ReadyTasks.page)
            try page.bind(1, type)
            try page.bind(2, Int64(chunk))
            try page.bind(3, Int64(fetched))
            try page.run { candidates.append(Candidate(priority: page.integer(0), id: page.integer(1))) }
            fetched += candidates.count
            return !candidates.isEmpty
        }
    }
}
