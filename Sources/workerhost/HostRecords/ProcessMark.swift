import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A process, told apart from a later one of the same number.
struct ProcessMark: Sendable, Hashable {
    let pid: Int32
    /// When it was started, in clock ticks since the machine's start.
    let startTicks: Int

    /// This process.
    static var own: ProcessMark { ProcessMark(pid: getpid(), startTicks: startTicks(of: getpid()) ?? 0) }

    /// Whether the process is still there.
    var isAlive: Bool { Self.startTicks(of: pid) == startTicks }

    private static func startTicks(of pid: Int32) -> Int? {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        // The name in parentheses may hold anything; behind it the start is the 20th field.
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? Int(fields[19]) : nil
    }
}
