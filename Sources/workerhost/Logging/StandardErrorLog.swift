/// Standard error.
struct StandardErrorLog: LogOutput {
    func write(_ line: [UInt8]) { Talk.shared.write(line: line) }
    /// Unknown: where nothing can be written there is nobody to tell.
    var lostLines: Int { 0 }
}
