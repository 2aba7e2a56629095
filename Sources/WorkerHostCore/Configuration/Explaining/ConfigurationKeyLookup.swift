/// Finds keys as people write them: workers by name too.
struct ConfigurationKeyLookup {
    private let explanation: ConfigurationExplanation
    /// The workers that have a name, in the order of the file.
    private let workers: [(name: String, path: String)]

    init(_ explanation: ConfigurationExplanation) {
        self.explanation = explanation
        workers = explanation.facts.compactMap { fact in
            guard fact.schemaPath == "workers[].name", fact.value != nil else { return nil }
            return (fact.text, String(fact.keyPath.dropLast(".name".count)))
        }
    }

    /// The key with a worker's name replaced by its number.
    func path(of key: String) -> String {
        if key == "workers[]" { return "workers" }
        // The longest name first: names may have dots in them.
        for (name, path) in workers.sorted(by: { $0.name.count > $1.name.count }) {
            for prefix in ["workers.\(name)", "workers[\(name)]"] where key.hasPrefix(prefix) {
                let rest = key.dropFirst(prefix.count)
                if rest.isEmpty || rest.first == "." { return path + rest }
            }
        }
        return key
    }

    func nearest(to key: String) -> String? {
        let isByName = key.hasPrefix("workers.") || (key.hasPrefix("workers[") && !isByNumber(key))
        var candidates = Set<String>()
        for fact in explanation.facts {
            var path = fact.keyPath
            // The section names the key as well as the key itself.
            while true {
                candidates.insert(isByName ? byName(path) : path)
                guard let dot = path.lastIndex(of: ".") else { break }
                path = String(path[..<dot])
            }
        }
        if let nearest = NearestMatch.find(key, in: candidates.sorted()) { return nearest }
        // The last part alone may be right, in a section that was left out.
        let ends = candidates.filter { $0.hasSuffix(".\(key)") }
        return ends.min { ($0.count, $0) < ($1.count, $1) }
    }

    private func isByNumber(_ key: String) -> Bool {
        key.dropFirst("workers[".count).first.map { $0.isNumber || $0 == "]" } ?? false
    }

    private func byName(_ path: String) -> String {
        for worker in workers where path.hasPrefix(worker.path) {
            let rest = path.dropFirst(worker.path.count)
            if rest.isEmpty || rest.first == "." { return "workers.\(worker.name)\(rest)" }
        }
        return path
    }
}
