import WorkerHostCore

/// A claim whose answer did not come, though the server may have made it.
struct LostClaim: Sendable {
    let type: String
    let sentAt: MonotonicTime
    let sentAtWall: Timestamp
    var looks = 0
    /// When it is looked for again: the server may still be at it.
    var lookAt: MonotonicTime
    /// The task that it was found to be for; nil until then.
    var taskID: String?
}

// MARK: - Claims whose answers were lost

extension ClaimBook {
    private static let mostLost = 256
    private static let waits: [Duration] = [.seconds(1), .seconds(5), .seconds(20), .seconds(60)]
    /// So many claimed tasks are looked through.
    static let searched = 1000

    /// A claim may have been made without this host having heard of it: else its task would wait until the claim ends.
    mutating func noteLost(_ order: ClaimOrder, _ now: MonotonicTime) {
        guard case .claim(let worker) = order.kind, lost.count < Self.mostLost else { return }
        lost[worker] = LostClaim(
            type: order.type, sentAt: order.sentAt, sentAtWall: order.sentAtWall,
            lookAt: now.advanced(by: Self.waits[0]))
    }

    /// The calls that look for lost claims of these types: first for their tasks among those that are claimed, then for what
    /// the tasks hold.
    mutating func searches(_ names: [String], _ now: MonotonicTime) -> [ClaimOrder] {
        guard !lost.isEmpty else { return [] }
        let margin = min(.seconds(10), settings.claimTimeout / 4)
        lost = lost.filter { now.advanced(by: margin) < $0.value.sentAt.advanced(by: settings.claimTimeout) }
        var orders: [ClaimOrder] = []
        var types = Set<String>()
        for (worker, claim) in lost where claim.lookAt <= now && names.contains(claim.type) {
            lost[worker]?.looks += 1
            if let id = claim.taskID {
                // Until its answer is there nobody looks again.
                lost[worker]?.lookAt = now.advanced(by: .seconds(60))
                orders.append(
                    order(
                        claim.type, .adopt(worker: worker), .get(APIPath.task(id)), sentAt: claim.sentAt,
                        wall: claim.sentAtWall))
            } else if claim.looks >= Self.waits.count {
                lost[worker] = nil
            } else {
                lost[worker]?.lookAt = now.advanced(
                    by: Self.waits[claim.looks + 1 < Self.waits.count ? claim.looks + 1 : claim.looks])
                types.insert(claim.type)
            }
        }
        for type in types {
            orders.append(
                order(type, .search, .get(APIPath.claimed(type, limit: Self.searched)), sentAt: now, wall: nil))
        }
        return orders
    }

    /// Claimed tasks, and under which texts.
    mutating func found(_ tasks: [(id: String, worker: String)], _ now: MonotonicTime) {
        for task in tasks where lost[task.worker] != nil {
            // One claim that was sent twice may hold two tasks, of which this host has one.
            if held[task.id] != nil || ready.contains(where: { $0.id == task.id }) { continue }
            lost[task.worker]?.taskID = task.id
            lost[task.worker]?.lookAt = now
        }
    }

    /// When a lost claim is looked for again.
    func nextSearch(_ names: [String]) -> MonotonicTime? {
        lost.values.filter { names.contains($0.type) }.map(\.lookAt).min()
    }
}
