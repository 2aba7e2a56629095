/// Where log lines go. Never throws: a log that cannot be written stops no task; what is lost is counted and told in
/// the log itself as soon as it can be written again.
protocol LogOutput: Sendable {
    /// Writes whole lines.
    func write(_ lines: [UInt8])
    /// Lines that could not be written and are not told about in the log.
    var lostLines: Int { get }
}
