/// The texts under which claims are made: the only thing by which the server tells who may report.
///
/// Each claim has one of its own. A task that was given back unstarted while its claim still holds is given out again
/// under a lease of its own, whose token has a number behind a `~`; the server never sees that part.
struct WorkerID: Sendable {
    private let prefix: String
    private var count = 0

    /// Texts for a host's run.
    /// - Parameter host: unique for the run.
    init(host: String) {
        let safe = host.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        prefix = "workerhost-\(safe.prefix(100))-"
    }

    /// A text that was never used before.
    mutating func next() -> String {
        count += 1
        return prefix + String(count, radix: 36)
    }

    /// What the server knows a lease by.
    static func of(token: String) -> String { String(token.prefix { $0 != "~" }) }

    /// The token of a lease under the same claim.
    static func token(again token: String) -> String {
        let parts = token.split(separator: "~", maxSplits: 1)
        let count = parts.count == 2 ? Int(parts[1]) ?? 1 : 1
        return "\(parts.first ?? "")~\(count + 1)"
    }
}
