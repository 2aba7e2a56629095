/// Which task types each worker asks for, given which workers are healthy.
///
/// A more specific selector wins over a more general one; of several workers with the same selector the first healthy
/// one asks for it. An unhealthy worker keeps asking, since its breaker lets a probe through now and then.
enum TypeAssignment {
    /// A worker as far as assignment is concerned.
    struct Candidate: Sendable {
        let selectors: [String]
        let isHealthy: Bool
    }

    /// The selectors, exclusions included, for the worker at `index`.
    static func selectors(for index: Int, among candidates: [Candidate]) -> [String] {
        let own = candidates[index].selectors.filter { selector in
            !candidates[..<index].contains { $0.isHealthy && $0.selectors.contains(selector) }
        }
        guard !own.isEmpty else { return [] }
        var excluded: [String] = []
        for candidate in candidates {
            for other in candidate.selectors
            where !own.contains(other) && !excluded.contains(other)
                && own.contains(where: { isMoreSpecific(other, $0) })
            {
                excluded.append(other)
            }
        }
        return own + excluded.map { "!\($0)" }
    }

    private static func isMoreSpecific(_ selector: String, _ general: String) -> Bool {
        guard selector != general, let prefix = TaskTypeSelection.prefix(of: general) else { return false }
        guard let own = TaskTypeSelection.prefix(of: selector) else { return selector.hasPrefix(prefix) }
        return own.hasPrefix(prefix)
    }
}
