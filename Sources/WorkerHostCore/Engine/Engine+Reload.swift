extension Engine {
    /// Puts another configuration in force; see ``WorkerHost/reload(_:)``.
    func reload(
        _ configuration: HostConfiguration, registry: any Registry, schemas: [String: ParameterSchema]
    ) throws(HostError) -> ReloadPlan {
        guard !isStopping else {
            throw HostError(.stopping, "the host is stopping: start it again with the new configuration")
        }
        // One reload at a time: the lock is held from the comparison to the exchange.
        let plan = crew.withLock { crew in
            let plan = inForce.withLock { old in
                let plan = ReloadPlan(from: old, to: configuration)
                old = old.taking(configuration)
                return plan
            }
            crew.configurations = registry.configurations
            crew.schemas = schemas
            setTypes(crew.configurations.flatMap(\.taskTypes))
            if let services = crew.services { exchange(by: plan, crew, services) }
            return plan
        }
        bus.emit([.hostStateChanged(.configurationReloaded(plan))])
        assignmentChanged.fire()
        return plan
    }

    /// Another configuration was refused before it came so far.
    func noteRefused(_ reasons: [String]) {
        bus.emit([.hostStateChanged(.configurationRefused(reasons: reasons))])
    }

    private func exchange(by plan: ReloadPlan, _ crew: Crew, _ services: LaneServices) {
        let known = Dictionary(roster.active.map { ($0.configuration.name, $0) }) { first, _ in first }
        let replaced = Set(plan.workers.filter { $0.kind != .changed || $0.replacesWorker }.map(\.name))
        roster.replace(
            with: crew.configurations.map { configuration in
                if !replaced.contains(configuration.name), let proxy = known[configuration.name] { return proxy }
                return makeProxy(configuration, crew.schemas[configuration.name], services)
            })
    }

    /// What was leased for workers that a reload took out of use, and was not started, goes back. Called when no claim
    /// of theirs is under way any more.
    func giveBackOfLeaving() {
        for proxy in roster.claimsHaveEnded() {
            for leased in proxy.worker.takeUnstarted(ifWaitingLongerThan: .zero) {
                let reason = "worker '\(proxy.worker.name)' was changed or removed by a reload; it was not started"
                outcomes.send(proxy.notStarted(leased, reason), from: proxy)
            }
        }
    }

    /// Ends workers that a reload took out of use, each when its last task is settled; until cancelled.
    func retireLeaving() async {
        while !Task.isCancelled {
            for proxy in roster.retired() {
                // An embedder's own worker may serve the new configuration as well.
                let isInUse = roster.all.contains { $0.worker as AnyObject === proxy.worker as AnyObject }
                if !isInUse { await proxy.worker.close() }
                bus.emit([.hostStateChanged(.workerRetired(worker: proxy.worker.name))])
            }
            await roster.mayRetire.wait()
        }
    }

    /// Tells the TaskManager of the types that a reload brought, before they are asked for.
    func announceTypes() async {
        var failures = 0
        while !Task.isCancelled {
            let identity = identity
            guard announcedTypes.withLock({ $0 }) != identity.types else { return }
            do {
                try await taskManager.update(identity)
                announcedTypes.withLock { $0 = identity.types }
                contact.succeeded()
            } catch {
                if Task.isCancelled { return }
                failures += 1
                contact.failed("\(error)")
                let delay = Backoff.exponentialJitter(initial: .milliseconds(200), cap: .seconds(10))
                    .delay(afterAttempt: failures, random: .random(in: 0.5..<1))
                // Only cancellation ends the sleep early, and the loop looks at that.
                do { try await Task.sleep(for: delay) } catch { return }
            }
        }
    }
}

extension HostConfiguration {
    /// With the workers and the live settings of another one, and all that is fixed as it was.
    fileprivate func taking(_ other: HostConfiguration) -> HostConfiguration {
        var result = self
        result.workers = other.workers
        result.shutdownTimeout = other.shutdownTimeout
        result.security = other.security
        result.logging.level = other.logging.level
        return result
    }
}
