import GRDB

/// How one transaction changes the numbers of tasks; written once per transaction, so that counting costs nothing.
struct CountChange {
    var pending = 0
    var running = 0
    var completed = 0
    var failed = 0

    var isNothing: Bool { pending == 0 && running == 0 && completed == 0 && failed == 0 }

    mutating func move(_ count: Int = 1, from old: WritableKeyPath<Self, Int>, to new: WritableKeyPath<Self, Int>) {
        self[keyPath: old] -= count
        self[keyPath: new] += count
    }

    func write(_ db: Database) throws {
        guard !isNothing else { return }
        try db.cachedStatement(
            sql: """
                UPDATE counts SET pending = pending + ?, running = running + ?, completed = completed + ?,
                    failed = failed + ? WHERE id = 1
                """
        ).execute(arguments: [pending, running, completed, failed])
    }
}
