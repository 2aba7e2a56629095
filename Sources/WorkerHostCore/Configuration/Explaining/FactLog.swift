/// Collects what holds for each key while one configuration is read; of several entries for a key the last one counts.
final class FactLog {
    private(set) var facts: [ConfigurationFact] = []
    private var places: [String: Int] = [:]

    /// Records what holds for a key.
    /// - Parameters:
    ///   - node: what was given; nil if nothing was.
    ///   - value: the value in force; nil if there is none, or the one that was given is wrong.
    ///   - standard: the default.
    func record(
        _ path: String, _ node: SourceNode?, value: (any FactValue)?, standard: (any FactValue)?, from basis: String?,
        absence: String, expectation: String
    ) {
        var fact = ConfigurationFact(
            keyPath: path, value: nil, absence: absence, origin: .standard(from: basis),
            substitutions: [], standard: standard?.shown, expectation: expectation, issues: [])
        fact.value = node == nil ? fact.standard : value?.shown
        if let node {
            fact.origin = node.origin.ofFact
            fact.overridden = node.overridden?.ofFact
            fact.substitutions = node.substitutions
            if let value = fact.value { fact.value = Masking.masked(value, of: node) }
        }
        if let place = places[path] {
            facts[place] = fact
        } else {
            places[path] = facts.count
            facts.append(fact)
        }
    }

    /// What is known at the end: the keys in the order of the schema, each with its issues and its variable.
    func finished(_ issues: [ConfigurationIssue]) -> [ConfigurationFact] {
        let variables = EnvironmentOverrides.variables
        let order = Dictionary(
            ConfigurationKeys.allPaths.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let byKey = Dictionary(grouping: issues, by: \.keyPath)
        func rank(_ path: String) -> Int {
            // What the schema does not list (names of variables) stays behind the key above it.
            var path = Substring(ConfigurationFact.withoutIndices(path))
            while true {
                if let rank = order[String(path)] { return rank }
                guard let dot = path.lastIndex(of: ".") else { return .max }
                path = path[..<dot]
            }
        }
        let ranked = facts.enumerated().map { offset, fact in
            var fact = fact
            fact.issues = byKey[fact.keyPath] ?? []
            let list = String(fact.keyPath.prefix { $0 != "[" })
            fact.overrideVariable = variables[list]
            let rank = rank(fact.keyPath)
            // One element of a list after the other.
            guard list != fact.keyPath, let first = order["\(list)[]"] else { return (fact, (rank, -1, rank, offset)) }
            let number = Int(fact.keyPath.dropFirst(list.count + 1).prefix { $0 != "]" })
            return (fact, (first, number ?? -1, rank, offset))
        }
        return ranked.sorted { $0.1 < $1.1 }.map(\.0)
    }
}

extension SourceNode.Origin {
    fileprivate var ofFact: ConfigurationFact.Origin {
        switch self {
        case .file(let line, let column): .file(line: line, column: column)
        case .variable(let name): .environment(variable: name)
        }
    }
}

extension SourceNode {
    /// All substitutions in the value, each variable once.
    fileprivate var substitutions: [ConfigurationFact.Substitution] {
        var found: [ConfigurationFact.Substitution] = []
        func collect(_ node: SourceNode) {
            switch node.content {
            case .scalar(let scalar): for one in scalar.substitutions where !found.contains(one) { found.append(one) }
            case .list(let items): items.forEach(collect)
            case .map(let members): members.forEach { collect($0.value) }
            case .null, .invalid: break
            }
        }
        collect(self)
        return found
    }
}
