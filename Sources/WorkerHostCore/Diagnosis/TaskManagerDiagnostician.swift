/// Looks at one kind of TaskManager for the ``Doctor``; each adapter brings its own.
public protocol TaskManagerDiagnostician: Sendable {
    /// Everything about the TaskManager that a host with this configuration would stumble over.
    ///
    /// Changes nothing there: leases no task, registers no host. The doctor does not wait for it beyond its deadline.
    func examine(_ configuration: HostConfiguration, machine: MachineView) async -> TaskManagerFindings
}

/// What was found about a TaskManager.
public struct TaskManagerFindings: Sendable {
    /// One line for each check.
    public var diagnoses: [Diagnosis]
    /// The newest time that is stored there, against which the clock is held; nil if there is none.
    public var newestTime: Timestamp?

    /// Findings.
    public init(_ diagnoses: [Diagnosis], newestTime: Timestamp? = nil) {
        self.diagnoses = diagnoses
        self.newestTime = newestTime
    }
}
