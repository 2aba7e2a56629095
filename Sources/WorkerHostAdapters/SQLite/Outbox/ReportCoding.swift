import WorkerHostCore

/// What the outbox keeps of a report beside its columns, as bytes: fields of a tag, a length and a value, each in front
/// of which stands nothing. Fields of unknown tags are skipped, so that an older version reads what a newer one wrote.
///
/// A JSON encoder would take longer for it than SQLite for the row.
enum ReportCoding {
    private enum Tag: UInt8 {
        case worker = 1, number, pid, startedAt, endedAt, userTime, systemTime, peakMemory, incident
        case kind = 20, signal, resource, type, message, traceback, exitCode, standardError, isRetriable, retryAfter
        case failureUserTime = 30, failureSystemTime, failurePeakMemory
        case logs = 40, delay, reason
    }

    static func facts(of report: TaskReport) -> [UInt8] {
        var fields = FieldWriter()
        let attempt = report.attempt
        fields.text(Tag.worker.rawValue, attempt.worker)
        fields.number(Tag.number.rawValue, Int64(attempt.number))
        fields.number(Tag.pid.rawValue, attempt.pid.map(Int64.init))
        fields.number(Tag.startedAt.rawValue, attempt.startedAt?.microseconds)
        fields.number(Tag.endedAt.rawValue, attempt.endedAt.microseconds)
        write(attempt.usage, [.userTime, .systemTime, .peakMemory], &fields)
        for incident in attempt.incidents {
            var inner = FieldWriter()
            inner.number(1, incident.at.microseconds)
            inner.text(2, incident.kind)
            inner.text(3, incident.message)
            fields.bytes(Tag.incident.rawValue, inner.bytes)
        }
        switch report.outcome {
        case .succeeded(let result):
            if let logs = result.logs { fields.bytes(Tag.logs.rawValue, logs.bytes) }
        case .failed(let failure): write(failure, &fields)
        case .retry(let failure, let delay):
            write(failure, &fields)
            fields.number(Tag.delay.rawValue, delay.wholeMicroseconds)
        case .released(let reason, let delay):
            fields.text(Tag.reason.rawValue, reason)
            fields.number(Tag.delay.rawValue, delay.wholeMicroseconds)
        }
        return fields.bytes
    }

    static func facts(of failure: TaskFailure) -> [UInt8] {
        var fields = FieldWriter()
        write(failure, &fields)
        return fields.bytes
    }

    private static func write(_ failure: TaskFailure, _ fields: inout FieldWriter) {
        fields.text(Tag.kind.rawValue, failure.kind.name)
        if case .crashed(let signal) = failure.kind { fields.number(Tag.signal.rawValue, Int64(signal)) }
        if case .resourceLimit(let resource) = failure.kind { fields.text(Tag.resource.rawValue, resource.rawValue) }
        fields.text(Tag.type.rawValue, failure.type)
        fields.text(Tag.message.rawValue, failure.message)
        if let traceback = failure.traceback { fields.text(Tag.traceback.rawValue, traceback) }
        fields.number(Tag.exitCode.rawValue, failure.exitCode.map(Int64.init))
        if let tail = failure.standardErrorTail { fields.text(Tag.standardError.rawValue, tail) }
        fields.number(Tag.isRetriable.rawValue, failure.isRetriable ? 1 : 0)
        fields.number(Tag.retryAfter.rawValue, failure.retryAfter?.wholeMicroseconds)
        write(failure.usage, [.failureUserTime, .failureSystemTime, .failurePeakMemory], &fields)
    }

    private static func write(_ usage: ResourceUsage?, _ tags: [Tag], _ fields: inout FieldWriter) {
        guard let usage else { return }
        fields.number(tags[0].rawValue, usage.userTime.wholeMicroseconds)
        fields.number(tags[1].rawValue, usage.systemTime.wholeMicroseconds)
        fields.number(tags[2].rawValue, usage.peakMemory)
    }

    // MARK: Reading

    /// The report of a row; nil if the row does not make sense.
    static func report(
        taskID: String, lease: Lease, outcome: OutboxEntry.Outcome, facts: [UInt8], result: [UInt8]?
    ) -> TaskReport? {
        guard let fields = Fields(facts) else { return nil }
        let reported: TaskReport.Outcome
        let delay = Duration.microseconds(fields.number(Tag.delay.rawValue) ?? 0)
        switch outcome {
        case .succeeded:
            guard let result else { return nil }
            let logs = fields.bytes(Tag.logs.rawValue).map { RawJSON(unchecked: Array($0)) }
            reported = .succeeded(TaskResult(value: RawJSON(unchecked: result), logs: logs))
        case .failed:
            guard let failure = failure(fields) else { return nil }
            reported = .failed(failure)
        case .retry:
            guard let failure = failure(fields) else { return nil }
            reported = .retry(failure, after: delay)
        case .released: reported = .released(reason: fields.text(Tag.reason.rawValue) ?? "", after: delay)
        }
        return TaskReport(taskID: taskID, lease: lease, outcome: reported, attempt: attempt(fields))
    }

    /// The failure in the facts; nil if there is none.
    static func failure(_ facts: [UInt8]) -> TaskFailure? { Fields(facts).flatMap(failure) }

    private static func failure(_ fields: Fields) -> TaskFailure? {
        guard let name = fields.text(Tag.kind.rawValue) else { return nil }
        var kind = TaskFailure.Kind(name: name) ?? .retriable
        if case .crashed = kind {
            kind = .crashed(signal: Int32(truncatingIfNeeded: fields.number(Tag.signal.rawValue) ?? 0))
        }
        if let text = fields.text(Tag.resource.rawValue), let resource = TaskFailure.Resource(rawValue: text) {
            kind = .resourceLimit(resource)
        }
        var failure = TaskFailure(
            kind: kind, type: fields.text(Tag.type.rawValue), message: fields.text(Tag.message.rawValue) ?? "",
            isRetriable: fields.number(Tag.isRetriable.rawValue).map { $0 != 0 },
            traceback: fields.text(Tag.traceback.rawValue),
            exitCode: fields.number(Tag.exitCode.rawValue).map { Int32(truncatingIfNeeded: $0) },
            usage: usage(fields, [.failureUserTime, .failureSystemTime, .failurePeakMemory]),
            standardErrorTail: fields.text(Tag.standardError.rawValue))
        failure.retryAfter = fields.number(Tag.retryAfter.rawValue).map { .microseconds($0) }
        return failure
    }

    private static func attempt(_ fields: Fields) -> AttemptRecord {
        AttemptRecord(
            worker: fields.text(Tag.worker.rawValue) ?? "", number: Int(fields.number(Tag.number.rawValue) ?? 1),
            pid: fields.number(Tag.pid.rawValue).map { Int32(truncatingIfNeeded: $0) },
            startedAt: fields.number(Tag.startedAt.rawValue).map(Timestamp.init(microseconds:)),
            endedAt: Timestamp(microseconds: fields.number(Tag.endedAt.rawValue) ?? 0),
            usage: usage(fields, [.userTime, .systemTime, .peakMemory]),
            incidents: fields.all(Tag.incident.rawValue).compactMap { bytes in
                guard let inner = Fields(Array(bytes)) else { return nil }
                return Incident(
                    at: Timestamp(microseconds: inner.number(1) ?? 0), kind: inner.text(2) ?? "",
                    message: inner.text(3) ?? "")
            })
    }

    private static func usage(_ fields: Fields, _ tags: [Tag]) -> ResourceUsage? {
        guard let user = fields.number(tags[0].rawValue), let system = fields.number(tags[1].rawValue) else {
            return nil
        }
        return ResourceUsage(
            userTime: .microseconds(user), systemTime: .microseconds(system),
            peakMemory: fields.number(tags[2].rawValue))
    }
}
