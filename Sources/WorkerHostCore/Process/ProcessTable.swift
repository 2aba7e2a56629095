#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads `/proc`. Blocking: for dedicated threads.
enum ProcessTable {
    /// The pids of all processes that can be seen.
    static func pids() -> [Int32] {
        guard let stream = opendir("/proc") else { return [] }
        defer { closedir(stream) }
        var pids: [Int32] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let pid = Int32(name) { pids.append(pid) }
        }
        return pids
    }

    /// When the process started, in ticks since boot; nil if there is none (a zombie counts as none).
    static func startTicks(of pid: Int32) -> UInt64? {
        let fields = status(of: pid)
        guard fields.count > 19, fields[0] != "Z" else { return nil }
        return UInt64(fields[19])
    }

    /// How many threads the process has; 0 if there is none.
    static func threadCount(of pid: Int32) -> Int {
        let fields = status(of: pid)
        return fields.count > 17 ? Int(fields[17]) ?? 0 : 0
    }

    /// How much of a process lies in memory, in bytes; nil if there is none.
    static func residentBytes(of pid: Int32) -> Int? {
        guard let line = read("/proc/\(pid)/statm") else { return nil }
        let fields = line.split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The children of a process that have ended and were not collected.
    static func zombieChildren(of parent: Int32) -> [Int32] {
        pids().filter { pid in
            let fields = status(of: pid)
            return fields.count > 1 && fields[0] == "Z" && Int32(fields[1]) == parent
        }
    }

    /// Fields 3 (the state) and on of the kernel's status line.
    private static func status(of pid: Int32) -> [String] {
        // The name in parentheses may hold anything; the fields follow the last one.
        guard let line = read("/proc/\(pid)/stat"), let close = line.lastIndex(of: UInt8(ascii: ")")) else { return [] }
        return line[(close + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The values of the environment variables with these names; nil when it cannot be read.
    static func environment(of pid: Int32, names: [String]) -> [String: String]? {
        guard let block = read("/proc/\(pid)/environ") else { return nil }
        var values: [String: String] = [:]
        for entry in block.split(separator: 0) {
            for name in names where entry.starts(with: "\(name)=".utf8) {
                values[name] = String(decoding: entry.dropFirst(name.utf8.count + 1), as: UTF8.self)
            }
        }
        return values
    }

    /// The largest resident memory of the process so far, in bytes; nil once it has ended.
    static func peakMemory(of pid: Int32) -> Int64? {
        guard let status = read("/proc/\(pid)/status") else { return nil }
        let lines = status.split(separator: UInt8(ascii: "\n"))
        guard let line = lines.first(where: { $0.starts(with: "VmHWM:".utf8) }) else { return nil }
        let digits = line.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return Int64(String(decoding: digits, as: UTF8.self)).map { $0 * 1024 }
    }

    /// The words that the process was started with; nil once it has ended.
    static func commandLine(of pid: Int32) -> String? {
        guard let words = read("/proc/\(pid)/cmdline") else { return nil }
        return words.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }

    /// Which pid namespace the process lives in; another one's pids mean something else.
    static func namespace(of pid: Int32) -> String? {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/\(pid)/ns/pid", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while content.count < 1 << 20 {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            content.append(contentsOf: chunk.prefix(count))
        }
        return content.isEmpty ? nil : content
    }
}
