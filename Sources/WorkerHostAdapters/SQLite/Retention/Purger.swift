import GRDB
import WorkerHostCore

/// Removes old finished tasks and gives their space back, in transactions of some milliseconds.
struct Purger: Sendable {
    /// What a pass came to, and what follows from it.
    struct Pass: Sendable {
        var report = PurgeReport()
        var schedule = RetentionSchedule()
    }

    /// A host keeps what has just finished so long, whatever the rules say: whoever waits for a result sees it.
    static let leastAge: Duration = .seconds(60)
    private static let longestTransaction: Duration = .milliseconds(10)
    private static let pagesAtOnce = 64

    let connection: QueueConnection
    let options: SQLiteTaskManager.Options

    /// Removes what is too old.
    /// - Parameter isThorough: everything that the rules say and all free space; else as a host does in the background.
    func purge(
        _ keep: TaskManagerConfiguration.Retention, isThorough: Bool, isDryRun: Bool = false
    ) async throws -> Pass {
        var pass = Pass()
        let now = options.now()
        let counts = try await connection.read { db in try TaskCounts(db) }
        let leastAge = isThorough ? Duration.zero : Self.leastAge
        var completed = RetentionScan(
            .completed, count: counts.completed, age: keep.completed, most: keep.maxCompleted, leastAge: leastAge,
            now: now)
        var failed = RetentionScan(
            .failed, count: counts.failed, age: keep.failed, most: keep.maxFailed, leastAge: leastAge, now: now)
        let size = connection.size
        pass.report.completed = try await remove(&completed, isDryRun)
        pass.report.failed = try await remove(&failed, isDryRun)
        if !isDryRun {
            try await giveBack(all: isThorough, hasRemoved: pass.report.completed + pass.report.failed > 0)
            pass.report.freedBytes = size - connection.size
        }
        pass.schedule = RetentionSchedule(
            [completed, failed], now: options.now(), leastAge: leastAge, interval: options.purgeInterval)
        return pass
    }

    private func remove(_ scan: inout RetentionScan, _ isDryRun: Bool) async throws -> Int {
        guard scan.hasRules else { return 0 }
        var count = 0
        while true {
            let before = scan
            let (piece, after) = try await connection.read { db in
                var scan = before
                let start = ContinuousClock.now
                let piece = try scan.next(db)
                scan.took += .now - start
                return (piece, scan)
            }
            scan = after
            count += isDryRun ? piece.due.count : try await delete(piece.due, scan)
            if piece.isLast { return count }
            try Task.checkCancellation()
        }
    }

    private func delete(_ ids: [Int64], _ scan: RetentionScan) async throws -> Int {
        var rest = ids[...]
        var count = 0
        while !rest.isEmpty {
            let pause = Pause()
            let wanted = rest
            let (looked, removed) = try await connection.write { db, _ in
                try Self.delete(wanted, scan, db)
            }
            rest = rest.dropFirst(looked)
            count += removed
            try await pause.asLongAsItTook()
        }
        return count
    }

    /// Deletes from the beginning of the list for some milliseconds.
    private static func delete(
        _ ids: ArraySlice<Int64>, _ scan: RetentionScan, _ db: Database
    ) throws -> (looked: Int, removed: Int) {
        var looked = 0
        var removed = 0
        let end = ContinuousClock.now + longestTransaction
        try db.inTransaction(.immediate) {
            for id in ids {
                removed += try Removal.purge(id, scan.status, finishedUntil: scan.newestDue, db)
                looked += 1
                if ContinuousClock.now >= end { break }
            }
            var change = CountChange()
            if scan.status == .completed { change.completed -= removed } else { change.failed -= removed }
            try change.write(db)
            return .commit
        }
        return (looked, removed)
    }
}

// MARK: - Space

extension Purger {
    /// Makes the file smaller, a few pages at a time, and cuts the log back.
    func giveBack(all: Bool, hasRemoved: Bool) async throws {
        let space = try await connection.read { db in try FileSpace(db) }
        let target = all ? 0 : space.reserve / 2
        var hasShrunk = false
        if space.isIncremental, space.freePages > (all ? 0 : space.reserve) {
            var free = space.freePages
            while free > target {
                let pause = Pause()
                let (step, before) = (min(Self.pagesAtOnce, free - target), free)
                free = try await connection.write { db, _ in
                    try FileSpace.giveBack(step, db)
                    return try FileSpace(db).freePages
                }
                hasShrunk = true
                // Others may free pages meanwhile, but a step that brings nothing is the last one.
                if free >= before { break }
                try await pause.asLongAsItTook()
            }
        }
        guard hasShrunk || hasRemoved || all else { return }
        let timeout = options.busyTimeout
        try await connection.write { db, _ in try FileSpace.checkpoint(db, busyTimeout: timeout) }
    }
}
