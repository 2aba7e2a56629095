/// What a lane needs from the host around it.
struct LaneServices: Sendable {
    /// Takes events; must not block.
    let emit: @Sendable ([TaskEvent]) -> Void
    /// Whether anybody wants such events now.
    var wants: @Sendable (ObserverScope) -> Bool = { _ in true }
    /// Where the attempts that run are noted for the next host, should this one die.
    let flightRecorder: FlightRecorder?
    /// Marks this host's processes in their environment, so that leftovers can be told apart.
    let hostMark: String
    /// Whether the workers' output is passed on as events.
    let passesOutput: Bool
    /// Whether the lease is still good: a host that was suspended may come back to tasks that others have by now.
    var mayStart: @Sendable (LeasedTask) -> Bool = { _ in true }

    /// A worker has said how far a task is; must not block.
    var progressed: @Sendable (_ task: LeasedTask, _ percent: Int, _ message: String?) -> Void = { _, _, _ in }

    /// A process that serves many tasks was started under this mark, or has ended.
    var setMark: @Sendable (_ mark: String, _ isAlive: Bool) -> Void = { _, _ in }

    /// A process that forks others was started under this mark, or all of them have ended (nil). The judge tells whether
    /// a process with this mark may still be there: what it forked shows the same environment.
    var setFamily: @Sendable (_ mark: String, _ judge: (@Sendable (Int32) -> Bool)?) -> Void = { _, _ in }

    /// Where the workers' temporary files go; nil leaves `TMPDIR` as it is.
    var scratch: ScratchSpace?

    static let none = LaneServices(emit: { _ in }, flightRecorder: nil, hostMark: "", passesOutput: false)
}
