/// Reads `task_manager.keep`.
struct RetentionReader {
    private static let forever = "forever"
    private static let unlimited = "unlimited"

    let section: MapReader

    func read() -> TaskManagerConfiguration.Retention {
        var keep = TaskManagerConfiguration.Retention()
        age("completed", &keep.completed)
        count("max_completed", &keep.maxCompleted)
        age("failed", &keep.failed)
        count("max_failed", &keep.maxFailed)
        return keep
    }

    private func age(_ key: String, _ age: inout Duration?) {
        if isWord(key, Self.forever) {
            age = nil
        } else if let duration = section.duration(key, in: MapReader.anyDuration, orWord: Self.forever) {
            age = duration
        }
    }

    private func count(_ key: String, _ count: inout Int?) {
        if isWord(key, Self.unlimited) {
            count = nil
        } else if let number = section.int(key, in: 0...Int.max, orWord: Self.unlimited) {
            count = number
        }
    }

    private func isWord(_ key: String, _ word: String) -> Bool {
        guard case .scalar(let scalar)? = section.value(key)?.content else { return false }
        return scalar.text == word
    }
}
