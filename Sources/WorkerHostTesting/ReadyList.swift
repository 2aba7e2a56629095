/// Claimable tasks by type and priority, so that taking one does not look at the others.
struct ReadyList {
    private struct Key: Hashable {
        let type: String
        let priority: Int
    }

    private struct Line {
        var ids: [(order: Int, id: String)] = []
        var first = 0
    }

    private var lines: [Key: Line] = [:]
    private var nextOrder = 0

    mutating func insert(_ id: String, type: String, priority: Int) {
        lines[Key(type: type, priority: priority), default: Line()].ids.append((nextOrder, id))
        nextOrder += 1
    }

    /// Takes a task out wherever it stands; one that is not there is left alone.
    mutating func remove(_ id: String, type: String, priority: Int) {
        let key = Key(type: type, priority: priority)
        guard var line = lines[key],
            let index = line.ids[line.first...].firstIndex(where: { $0.id == id })
        else { return }
        line.ids.remove(at: index)
        lines[key] = line.first < line.ids.count ? line : nil
    }

    /// Takes the best tasks: by priority, then in the order of their insertion.
    mutating func take(_ limit: Int, where isWanted: (String) -> Bool) -> [String] {
        let keys = lines.keys.filter { isWanted($0.type) }
        var taken: [String] = []
        for priority in Set(keys.map(\.priority)).sorted(by: >) where taken.count < limit {
            let same = keys.filter { $0.priority == priority }
            while taken.count < limit, let oldest = same.filter({ lines[$0] != nil }).min(by: { order($0) < order($1) })
            {
                taken.append(removeFirst(oldest))
            }
        }
        return taken
    }

    private func order(_ key: Key) -> Int {
        guard let line = lines[key] else { return .max }
        return line.ids[line.first].order
    }

    private mutating func removeFirst(_ key: Key) -> String {
        guard var line = lines.removeValue(forKey: key) else { return "" }
        let id = line.ids[line.first].id
        line.first += 1
        guard line.first < line.ids.count else { return id }
        if line.first > 1024, line.first * 2 > line.ids.count {
            line.ids.removeFirst(line.first)
            line.first = 0
        }
        lines[key] = line
        return id
    }
}
