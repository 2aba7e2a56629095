/// Why tasks ran more than once: each case with the guarantee that covers it.
struct RepeatedRuns: CustomStringConvertible {
    /// A host died between a run and the moment its outcome was on the disk; the lease ended, and another host ran it.
    ///
    /// "At least once", and: "kill -9 the host at any instruction: every leased task is either reported later or becomes
    /// claimable when its lease ends."
    private(set) var hostKilled: [Int] = []
    /// The report could not be delivered before the server gave the task away.
    ///
    /// "At least once": nothing prolongs a claim of this API. The outcome of the first run is told that its lease is lost.
    private(set) var leaseEnded: [Int] = []
    /// Anything else: covered by nothing.
    private(set) var unexplained: [Int] = []

    /// - Parameters:
    ///   - runs: how often each task ran.
    ///   - hostKills: when hosts were killed, in microseconds since 1970.
    ///   - timeout: of the server's claims, in seconds.
    init(_ runs: [Int: Int], _ audit: Audit, hostKills: [Int], timeout: Int) {
        for (task, count) in runs.sorted(by: { $0.key < $1.key }) where count > 1 {
            let claims = audit.claims[task] ?? []
            let pairs = zip(claims, claims.dropFirst())
            // A claim is run once; and it is given away only when its time is over.
            let isLeased = count <= claims.count && pairs.allSatisfy { $1.at - $0.at >= timeout * 1_000_000 }
            if !isLeased {
                unexplained.append(task)
            } else if pairs.contains(where: { first, next in hostKills.contains { first.at < $0 && $0 < next.at } }) {
                hostKilled.append(task)
            } else {
                leaseEnded.append(task)
            }
        }
    }

    var description: String {
        "run again because a host was killed before the outcome was durable: \(hostKilled.count) (at least once; the lease "
            + "ended); because the lease ended before the report was taken: \(leaseEnded.count) (at least once; this API "
            + "cannot prolong a claim); unexplained: \(unexplained)"
    }
}
