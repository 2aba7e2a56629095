/// Reads `task_manager.keep`.
struct RetentionReader {
    private static let forever = "forever"
    private static let unlimited = "unlimited"

    private let section: MapReader

    /// nil for a value of another type, which is reported already.
    init?(_ taskManager: MapReader) {
        guard let section = taskManager.section("keep", keys: ConfigurationReader.keys("task_manager", "keep")) else {
            return nil
        }
        self.section = section
    }

    func read() -> TaskManagerConfiguration.Retention {
        var keep = TaskManagerConfiguration.Retention()
        keep.completed = age("completed", default: keep.completed)
        keep.maxCompleted = count("max_completed", default: keep.maxCompleted)
        keep.failed = age("failed", default: keep.failed)
        keep.maxFailed = count("max_failed", default: keep.maxFailed)
        return keep
    }

    private func age(_ key: String, default standard: Duration?) -> Duration? {
        let expectation = "\(MapReader.expectation(MapReader.anyDuration)), or \(Self.forever)"
        return value(key, word: Self.forever, default: standard, expectation: expectation) {
            $0.duration(in: MapReader.anyDuration, orWord: Self.forever)
        }
    }

    private func count(_ key: String, default standard: Int?) -> Int? {
        let expectation = "\(ScalarReader.expectation(0...Int.max)), or \(Self.unlimited)"
        return value(key, word: Self.unlimited, default: standard, expectation: expectation) {
            $0.int(in: 0...Int.max, orWord: Self.unlimited)
        }
    }

    /// A value, or a word that stands for none.
    private func value<Value: FactValue>(
        _ key: String, word: String, default standard: Value?, expectation: String, _ read: (ScalarReader) -> Value?
    ) -> Value? {
        let shown: any FactValue = standard.map { $0 as any FactValue } ?? word
        guard let node = section.value(key) else {
            section.note(key, nil, default: shown, expectation: expectation)
            return standard
        }
        if case .scalar(let scalar) = node.content, scalar.text == word {
            section.note(key, word, default: shown, expectation: expectation)
            return nil
        }
        let value = read(ScalarReader(node, section.log))
        section.note(key, value, default: shown, expectation: expectation)
        return value ?? standard
    }
}
