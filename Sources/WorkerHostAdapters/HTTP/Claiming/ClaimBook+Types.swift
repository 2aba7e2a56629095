import WorkerHostCore

// MARK: - The types' numbers

extension ClaimBook {
    mutating func known(_ type: String, _ id: String, _ now: MonotonicTime, _ random: Double) {
        guard var state = types[type] else { return }
        if state.id != id { state.dueAt = now }
        state.id = id
        state.failedLookUps = 0
        state.told.subtract([.unknownType, .refused])
        state.lookUpAt = now.advanced(by: Self.numbersKept * (1 + random / 4))
        types[type] = state
    }

    /// Not an error: whoever makes tasks of the type registers it, perhaps later than this host starts.
    mutating func unknown(_ type: String, _ now: MonotonicTime, _ random: Double) -> ClaimNotice? {
        guard var state = types[type] else { return nil }
        state.id = nil
        wait(&state, now, random)
        let isNew = state.told.insert(.unknownType).inserted
        types[type] = state
        guard isNew else { return nil }
        return ClaimNotice(
            kind: .unknownType,
            message:
                "the TaskManager does not know this task type; it is looked up again now and then. Give its worker a "
                + "'schema' and set task_manager.register_task_types: true to have it registered", type: type,
            taskID: nil)
    }

    /// The server refuses a call for this type: the others go on.
    mutating func refused(
        _ order: ClaimOrder, _ words: String, _ now: MonotonicTime, _ random: Double
    ) -> ClaimNotice? {
        guard var state = types[order.type] else { return nil }
        defer { types[order.type] = state }
        if case .register = order.kind {
            state.isRegistrationRefused = true
            state.lookUpAt = now
            guard state.told.insert(.registrationRefused).inserted else { return nil }
            return ClaimNotice(
                kind: .registrationRefused,
                message:
                    "the TaskManager does not register this task type: \(words). Correct the schema of its worker; "
                    + "until then the type is used if it is known there", type: order.type, taskID: nil)
        }
        // A search that is refused is no reason not to claim.
        switch order.kind {
        case .search, .adopt: return nil
        case .claim, .lookUp, .register: break
        }
        state.id = nil
        wait(&state, now, random)
        guard state.told.insert(.refused).inserted else { return nil }
        return ClaimNotice(
            kind: .refused, message: "the TaskManager refuses calls for this task type: \(words)", type: order.type,
            taskID: nil)
    }

    private func wait(_ state: inout TypeState, _ now: MonotonicTime, _ random: Double) {
        state.failedLookUps += 1
        let backoff = Backoff.exponentialJitter(
            initial: max(settings.retryBackoff, .milliseconds(100)),
            cap: max(settings.retryBackoff, Self.longestLookUpWait))
        let delay = backoff.delay(afterAttempt: state.failedLookUps, random: 0.5 + random / 2)
        state.lookUpAt = now.advanced(by: delay)
    }
}
