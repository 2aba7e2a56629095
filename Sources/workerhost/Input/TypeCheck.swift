import WorkerHostCore

/// Whether the configured workers know a task's type.
struct TypeCheck {
    private let registry: WorkerRegistry
    private let known: [String]
    private let allowsUnknown: Bool
    /// What helps with an unknown type.
    private let advice: String
    /// The last type that passed: a file is mostly of one type.
    private var lastGood = ""

    /// A check against these workers.
    init(
        _ workers: [WorkerConfiguration], allowsUnknown: Bool,
        advice: String = " (--allow-unknown adds it all the same)"
    ) throws(RegistryError) {
        self.advice = advice
        registry = try WorkerRegistry(workers)
        known = workers.flatMap(\.taskTypes)
        self.allowsUnknown = allowsUnknown
    }

    /// What is wrong with the type; nil if it is known or anything goes.
    mutating func complaint(about type: String) -> String? {
        if type == lastGood, !type.isEmpty { return nil }
        let complaint = look(at: type)
        if complaint == nil { lastGood = type }
        return complaint
    }

    private func look(at type: String) -> String? {
        if type.isEmpty { return "the type is empty" }
        if type.contains(where: \.isWhitespace) { return "the type '\(PlainText.singleLine(type))' has white space" }
        if type.contains("*") || type.hasPrefix("!") {
            return "the type '\(PlainText.singleLine(type))' is a selector: name one type"
        }
        guard !allowsUnknown, registry.worker(for: type) == nil else { return nil }
        let shown = PlainText.singleLine(type)
        if known.isEmpty { return "no worker is configured, so nothing runs the type '\(shown)'" }
        if let near = nearest(to: type) {
            return "no worker runs the type '\(shown)'; did you mean \(near)?\(advice)"
        }
        let some = known.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
        return "no worker runs the type '\(shown)'; known are \(some)\(known.count > 8 ? ", …" : "")\(advice)"
    }

    private func nearest(to type: String) -> String? {
        var rest = known
        var near: [String] = []
        while near.count < 3, let match = NearestMatch.find(type, in: rest) {
            near.append(match)
            rest.removeAll { $0 == match }
        }
        guard !near.isEmpty else { return nil }
        return near.map { "'\($0)'" }.joined(separator: " or ")
    }
}
