#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a template says.
enum TemplateMessage: Sendable, Hashable {
    /// The worker is imported.
    case ready
    case forked(pid: Int32)
    /// What was asked for cannot be done.
    case refused(String)
    case exited(pid: Int32, ProcessExit)
    /// No message of the protocol; its beginning.
    case garbage(String)

    /// Understands a datagram.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> TemplateMessage {
        var members = Members()
        do throws(JSONError) {
            try JSONScanner.members(of: bytes, in: 0..<bytes.count) { members.note($0, in: bytes) }
        } catch {
            return garbage(bytes)
        }
        return members.message ?? garbage(bytes)
    }

    private static func garbage(_ bytes: UnsafeBufferPointer<UInt8>) -> TemplateMessage {
        .garbage(String(String(decoding: bytes.prefix(200), as: UTF8.self).prefix(80)))
    }

    private struct Members {
        private var kind: String?
        private var text: String?
        private var numbers: [String: Int64] = [:]

        mutating func note(_ member: JSONScanner.Member, in bytes: UnsafeBufferPointer<UInt8>) {
            let name = String(decoding: bytes[member.name], as: UTF8.self)
            let value = bytes[member.value]
            guard value.first == 0x22 else {
                numbers[name] = Int64(String(decoding: value, as: UTF8.self))
                return
            }
            let decoded = JSONText.decode(bytes[member.value.lowerBound + 1..<member.value.upperBound - 1])
            if name == "kind" { kind = decoded } else if name == "message" { text = decoded }
        }

        var message: TemplateMessage? {
            let pid = numbers["pid"].flatMap { Int32(exactly: $0) }
            switch kind {
            case "ready": return .ready
            case "forked": return pid.map { .forked(pid: $0) }
            case "refused": return .refused(text ?? "no reason was given")
            case "exited":
                guard let pid, let status = numbers["status"].flatMap({ Int32(exactly: $0) }) else { return nil }
                return .exited(pid: pid, ProcessExit(ending: Self.ending(status), usage: usage))
            default: return nil
            }
        }

        /// From the status as `wait` tells it.
        private static func ending(_ status: Int32) -> ProcessExit.Ending {
            let signal = status & 0x7F
            return signal == 0 ? .exited(status >> 8 & 0xFF) : .signaled(signal)
        }

        private var usage: ResourceUsage? {
            guard let user = numbers["user_us"], let system = numbers["system_us"] else { return nil }
            let peak = numbers["peak_kb"].flatMap { $0 > 0 && $0 < 1 << 50 ? $0 * 1024 : nil }
            return ResourceUsage(
                userTime: .microseconds(max(0, user)), systemTime: .microseconds(max(0, system)), peakMemory: peak)
        }
    }
}

/// What a host says to a template.
enum TemplateRequest {
    /// Comes with the read end of a pipe that the host holds open as long as it lives.
    ///
    /// So long (the spaces are no matter to JSON) that the host's socket has no room left until it is read: a worker that
    /// reads it before it said that it is ready takes the socket for its task.
    static let lifeline = Array(#"{"control":"lifeline"}"#.utf8) + [UInt8](repeating: 0x20, count: 1500)

    /// Comes with the child's standard input, output and error.
    /// - Parameter variables: what the child's environment has beside the template's, as `NAME=value`.
    static func fork(variables: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append(contentsOf: #"{"control":"fork","environment":{"#.utf8)
        var isFirst = true
        for variable in variables {
            guard let equals = variable.firstIndex(of: "=") else { continue }
            if !isFirst { bytes.append(0x2C) }
            isFirst = false
            JSONText.append(String(variable[..<equals]), to: &bytes)
            bytes.append(0x3A)
            JSONText.append(String(variable[variable.index(after: equals)...]), to: &bytes)
        }
        bytes.append(contentsOf: "}}".utf8)
        return bytes
    }

    static func reap(_ pid: Int32) -> [UInt8] { Array(#"{"control":"reap","pid":\#(pid)}"#.utf8) }
}
