import WorkerHostCore

/// What a running host leaves beside its flight recorder for `status`, `explain` and `config diff`: which configuration
/// is in force, and which workers cannot be started. Written when that changes, gone when the host ends.
struct HostRecord: Sendable, Hashable {
    /// A configuration that was refused.
    struct Refusal: Sendable, Hashable {
        let at: Timestamp
        let reasons: [String]
    }

    /// A worker whose tasks are not leased.
    struct Trouble: Sendable, Hashable {
        let worker: String
        let reason: String
        let since: Timestamp
        let failedProbes: Int
        let nextProbe: Timestamp?
    }

    /// The host's id, as the queue knows it.
    var id: String
    /// Its process, with the time it was started in ticks since the machine's start, so that a later process of the same
    /// number is not taken for it.
    var process: ProcessMark
    /// The configuration's file; absolute.
    var file: String
    /// When it was taken over.
    var loadedAt: Timestamp
    /// How many reloads there were.
    var reloads = 0
    /// Keys of the file that take effect when the host is started again.
    var atNextStart: [String] = []
    /// The last refusal, if nothing was reloaded since.
    var refusal: Refusal?
    /// Workers that cannot be started.
    var troubles: [Trouble] = []
    /// Workers that only finish what they run.
    var leaving: [String] = []
}

extension HostRecord {
    /// The record as JSON.
    var json: [UInt8] {
        var object = JSONObjectText()
        object.text("id", id)
        object.number("pid", Int(process.pid))
        object.number("start_ticks", process.startTicks)
        object.text("file", file)
        object.number("loaded_at", Int(loadedAt.microseconds))
        object.number("reloads", reloads)
        object.array("at_next_start", atNextStart.map(JSONObjectText.string))
        if let refusal {
            object.object("refusal") {
                $0.number("at", Int(refusal.at.microseconds))
                $0.array("reasons", refusal.reasons.map(JSONObjectText.string))
            }
        }
        object.array("troubles", troubles.map(Self.json))
        object.array("leaving", leaving.map(JSONObjectText.string))
        return object.finished
    }

    private static func json(_ trouble: Trouble) -> [UInt8] {
        var object = JSONObjectText()
        object.text("worker", trouble.worker)
        object.text("reason", trouble.reason)
        object.number("since", Int(trouble.since.microseconds))
        object.number("failed_probes", trouble.failedProbes)
        object.number("next_probe", trouble.nextProbe.map { Int($0.microseconds) })
        return object.finished
    }

    /// Reads a record; nil for one that is of another version, or damaged: it is only there to be shown.
    init?(json bytes: [UInt8]) {
        guard let json = try? RawJSON(validating: bytes), let value = try? JSONValue(json),
            let id = value["id"]?.text, let pid = value["pid"]?.int, let ticks = value["start_ticks"]?.int,
            let file = value["file"]?.text, let loadedAt = value["loaded_at"]?.time
        else { return nil }
        self.init(
            id: id, process: ProcessMark(pid: Int32(truncatingIfNeeded: pid), startTicks: ticks), file: file,
            loadedAt: loadedAt)
        reloads = value["reloads"]?.int ?? 0
        atNextStart = value["at_next_start"]?.texts ?? []
        if let refusal = value["refusal"], let at = refusal["at"]?.time {
            self.refusal = Refusal(at: at, reasons: refusal["reasons"]?.texts ?? [])
        }
        troubles = (value["troubles"]?.elements ?? []).compactMap(Self.trouble)
        leaving = value["leaving"]?.texts ?? []
    }

    private static func trouble(_ value: JSONValue) -> Trouble? {
        guard let worker = value["worker"]?.text, let since = value["since"]?.time else { return nil }
        return Trouble(
            worker: worker, reason: value["reason"]?.text ?? "", since: since,
            failedProbes: value["failed_probes"]?.int ?? 0, nextProbe: value["next_probe"]?.time)
    }
}

extension JSONValue {
    fileprivate subscript(_ name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate var int: Int? {
        if case .number(let number) = self { Int(number.text) } else { nil }
    }

    fileprivate var time: Timestamp? { int.map { Timestamp(microseconds: Int64($0)) } }

    fileprivate var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    fileprivate var texts: [String] { elements.compactMap(\.text) }
}
