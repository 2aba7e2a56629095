/// What a lane's attempts tell the observers.
struct AttemptEvents: Sendable {
    let services: LaneServices
    let worker: String
    let slot: Int

    func identity(_ pid: Int32) -> WorkerIdentity { WorkerIdentity(name: worker, slot: slot, pid: pid) }

    /// Tells of one attempt in a process of its own.
    func hooks(_ task: WorkerTask) -> AttemptHooks {
        var hooks = AttemptHooks()
        hooks.started = { pid in
            let identity = self.identity(pid)
            self.services.emit([
                .workerCreated(identity), .started(task, worker: identity, attempt: task.metadata.attempt),
            ])
        }
        guard services.passesOutput else { return hooks }
        hooks.errorLines = { self.output($1, from: .standardError, $0, task.id) }
        hooks.strayLines = { self.output($1, from: .standardOutput, $0, task.id) }
        return hooks
    }

    func output(_ lines: [String], from stream: WorkerOutput.Stream, _ pid: Int32, _ taskID: String) {
        guard services.passesOutput, !lines.isEmpty else { return }
        services.emit([
            .output(WorkerOutput(worker: identity(pid), taskID: taskID, stream: stream, lines: lines))
        ])
    }

    func terminated(_ pid: Int32, _ ended: Ended) {
        let reason: TerminationReason =
            switch ended {
            case .exited(let code): .exited(code: code)
            case .signaled(let signal): .signaled(signal)
            case .stopped(let reason, _), .unkillable(let reason): .stopped(reason)
            case .notStarted: .exited(code: 127)
            case .unknown: .unknown
            }
        services.emit([.workerTerminated(identity(pid), reason)])
    }
}
