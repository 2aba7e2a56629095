/// Extends the leases of what this host holds, and ends attempts whose lease is lost.
struct LeaseKeeper: Sendable {
    /// Tasks that were leased ahead and have waited so long for a slot go back, for others to run them.
    private static let longestWait = Duration.seconds(5)

    private static let fixedPeriod = Duration.seconds(1)

    let taskManager: any TaskManagerAdapter
    let holdings: Holdings
    let roster: Roster
    let contact: TaskManagerContact
    let outcomes: OutcomeMailbox
    let desk: RetryDesk?

    /// Runs until the task is cancelled. While nothing is held no timer runs.
    func run() async {
        let duration = taskManager.leaseDuration
        // Two further tries to extend fit in before a lease ends. One that cannot be extended is looked at more often:
        // an attempt ends by its deadline before, unless it does not heed it.
        let period = min(duration.map { $0 / 3 } ?? Self.longestWait, .seconds(10))
        while !Task.isCancelled {
            if holdings.count == 0 {
                await holdings.becameBusy.wait()
                continue
            }
            let isFixed = duration == nil && holdings.hasFixedLeases
            do { try await Task.sleep(for: isFixed ? min(period, Self.fixedPeriod) : period) } catch { return }
            // Where a lease ends at its time whatever is said, nobody else would run the task sooner.
            if !isFixed { giveBackWaiting() }
            if let duration { await extend(by: duration) } else { fenceExpired() }
        }
    }

    private func extend(by duration: Duration) async {
        let entries = holdings.due(.now)
        guard !entries.isEmpty else { return }
        let asked = MonotonicTime.now
        do {
            let lost = Set(try await taskManager.extendLeases(entries.map { ($0.leased.task.id, $0.leased.lease) }))
            contact.succeeded()
            holdings.extended(
                entries.filter { !lost.contains($0.leased.task.id) }, until: asked.advanced(by: duration))
            for entry in entries where lost.contains(entry.leased.task.id) { fence(entry) }
        } catch {
            contact.failed("\(error)")
        }
        fenceExpired()
    }

    /// Not extended in time, for whatever reason: somebody else may run the task from now on.
    private func fenceExpired() {
        for entry in holdings.expired() { fence(entry) }
    }

    private func fence(_ entry: LeaseBook.Entry) {
        desk?.cancel(entry.leased)
        roster.proxy(entry.proxy)?.worker.stop(
            taskID: entry.leased.task.id, leaseToken: entry.leased.lease.token, reason: .leaseLost)
    }

    /// When tasks take much longer than those before, what was leased ahead of them would wait for them here.
    private func giveBackWaiting() {
        for proxy in roster.all {
            for leased in proxy.worker.takeUnstarted(ifWaitingLongerThan: Self.longestWait) {
                outcomes.send(proxy.notStarted(leased, "it had waited here for a free slot too long"), from: proxy)
            }
        }
    }
}
