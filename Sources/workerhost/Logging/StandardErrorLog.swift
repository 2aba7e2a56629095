/// Standard error.
struct StandardErrorLog: LogOutput {
    func write(_ lines: [UInt8]) { Talk.shared.write(line: lines) }
    /// Unknown: where nothing can be written there is nobody to tell.
    var lostLines: Int { 0 }
}
