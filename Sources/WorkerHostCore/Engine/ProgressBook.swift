/// Which progress is to be passed on, and when: the latest of each task, at most once in ``interval``. No clock, no I/O.
struct ProgressBook: Sendable {
    /// A task's progress is passed on no more often than this.
    static let interval = Duration.seconds(1)
    /// The first one waits so long: most tasks are over by then, and nobody needs to hear of them.
    static let delay = Duration.milliseconds(100)
    /// More tasks than this are not followed at the same time.
    static let most = 4096

    private struct Entry: Sendable {
        var progress: TaskProgress
        /// Not passed on yet.
        var isNew = true
        /// When it may be passed on, or be forgotten if there is nothing new.
        var due: MonotonicTime
    }

    private var entries: [String: Entry] = [:]

    var isEmpty: Bool { entries.isEmpty }

    /// A worker has said how far a task is.
    mutating func note(_ progress: TaskProgress, _ now: MonotonicTime) {
        if var known = entries[progress.taskID], known.progress.lease == progress.lease {
            known.progress = progress
            known.isNew = true
            entries[progress.taskID] = known
        } else if entries.count < Self.most {
            entries[progress.taskID] = Entry(progress: progress, due: now.advanced(by: Self.delay))
        }
    }

    /// When ``take(_:)`` is to be called next; nil if there is nothing.
    var nextDue: MonotonicTime? { entries.values.lazy.map(\.due).min() }

    /// What is to be passed on now. Each of these tasks is next due after the interval.
    mutating func take(_ now: MonotonicTime) -> [TaskProgress] {
        var taken: [TaskProgress] = []
        for (id, entry) in entries where entry.due <= now {
            guard entry.isNew else {
                entries[id] = nil
                continue
            }
            entries[id]?.isNew = false
            entries[id]?.due = now.advanced(by: Self.interval)
            taken.append(entry.progress)
        }
        return taken
    }

    /// What was taken could not be passed on: the next try has it again, unless there is something newer.
    mutating func putBack(_ taken: [TaskProgress]) {
        for progress in taken where entries[progress.taskID]?.progress.lease == progress.lease {
            entries[progress.taskID]?.isNew = true
        }
    }
}
