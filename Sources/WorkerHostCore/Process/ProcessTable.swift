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
        guard let stat = read("/proc/\(pid)/stat") else { return nil }
        // The name in parentheses may hold anything; what follows the last one is fields 3 and on.
        guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[(close + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, fields[0].first != UInt8(ascii: "Z") else { return nil }
        return UInt64(String(decoding: fields[19], as: UTF8.self))
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
