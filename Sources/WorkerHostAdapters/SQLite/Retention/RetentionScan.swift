import GRDB
import WorkerHostCore

/// Finds the finished tasks of one state that are not kept any longer, in the order of their ids and piece by piece.
///
/// Reads an index, or no more than the beginning of a row.
struct RetentionScan: Sendable {
    /// What one piece of the walk found.
    struct Piece: Sendable {
        var due: [Int64] = []
        var isLast = false
    }

    /// How many index entries one piece looks at.
    static let piece = 2000

    let status: RowStatus
    let age: Duration?
    let most: Int?
    /// Tasks that finished later than this are kept, whatever the rules say.
    let newestDue: Timestamp
    let now: Timestamp
    /// How many are too many.
    private var excess: Int
    private var last: Int64 = 0
    /// When the oldest task that stays was finished.
    private(set) var oldestKept: Timestamp?
    /// How many stay.
    private(set) var kept = 0
    /// How long the walk took so far.
    var took = Duration.zero
    /// Whether too many stay because they are too young to be removed.
    var isOverfull: Bool { most.map { kept > $0 } ?? false }

    init(_ status: RowStatus, count: Int, age: Duration?, most: Int?, leastAge: Duration, now: Timestamp) {
        self.status = status
        self.age = age
        self.most = most
        self.now = now
        newestDue = now.advanced(by: .zero - leastAge)
        excess = most.map { max(0, count - $0) } ?? 0
    }

    /// Whether there is any rule for the state.
    var hasRules: Bool { age != nil || most != nil }

    mutating func next(_ db: Database) throws -> Piece {
        var piece = Piece()
        let cutoff = age.map { now.advanced(by: .zero - $0) }
        let rows = try Row.fetchCursor(
            try db.cachedStatement(sql: status == .completed ? Self.completed : Self.failed),
            arguments: [last, Self.piece])
        var seen = 0
        while let row = try rows.next() {
            seen += 1
            last = row[0]
            let finished = row.timestamp(at: 1) ?? Timestamp(microseconds: 0)
            let isDue = finished <= newestDue && (excess > 0 || cutoff.map { finished <= $0 } ?? false)
            if isDue {
                piece.due.append(last)
                excess = max(0, excess - 1)
            } else {
                kept += 1
                oldestKept = min(oldestKept ?? finished, finished)
            }
        }
        piece.isLast = seen < Self.piece
        return piece
    }

    static let completed = "SELECT task_id, finished_at FROM done WHERE task_id > ? ORDER BY task_id LIMIT ?"
    static let failed = "SELECT id, finished_at FROM task_rows WHERE status = 4 AND id > ? ORDER BY id LIMIT ?"
}
