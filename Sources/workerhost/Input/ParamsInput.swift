import Foundation
import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#endif

/// The value of `--params`: JSON, `@FILE`, or `-` for standard input.
enum ParamsInput {
    /// The largest params that are read, in bytes.
    static let largest = 64 << 20

    /// The object.
    /// - Throws: ``CommandFailure`` with exit code 2, naming the first wrong byte.
    static func read(_ argument: String) throws(CommandFailure) -> RawJSON {
        let (name, bytes) = try source(argument)
        let value: RawJSON
        do throws(JSONError) {
            value = try RawJSON(validating: bytes)
        } catch {
            throw CommandFailure(
                .usage,
                "\(name) is no JSON: \(error)\(place(of: error.offset, in: bytes)). \(excerpt(bytes, error.offset))")
        }
        guard value.isObject else {
            let offset = bytes.firstIndex { ![0x20, 0x0A, 0x0D, 0x09].contains($0) } ?? 0
            throw CommandFailure(
                .usage,
                "\(name) must be a JSON object like {\"key\":\"value\"}: another value begins at byte \(offset).")
        }
        return value
    }

    private static func source(_ argument: String) throws(CommandFailure) -> (name: String, bytes: [UInt8]) {
        if argument == "-" { return ("standard input", try contents(of: STDIN_FILENO, name: "standard input")) }
        guard argument.hasPrefix("@") else { return ("--params", Array(argument.utf8)) }
        let path = String(argument.dropFirst())
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(
                .usage, "The file '\(path)' of --params cannot be opened: \(reason()). Check the path behind '@'.")
        }
        defer { close(descriptor) }
        return ("'\(path)'", try contents(of: descriptor, name: "'\(path)'"))
    }

    private static func contents(of descriptor: Int32, name: String) throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = block.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure(.usage, "\(name) cannot be read: \(reason()). Check that it is a file.")
            }
            bytes += block[..<count]
            if bytes.count > largest {
                throw CommandFailure(
                    .usage,
                    "\(name) is larger than \(HumanText.bytes(Int64(largest))): put the data into a file and its path "
                        + "into params.")
            }
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    /// The line and column, where they say more than the offset.
    private static func place(of offset: Int, in bytes: [UInt8]) -> String {
        let before = bytes.prefix(offset)
        let lines = before.count { $0 == 0x0A }
        guard lines > 0 else { return "" }
        let column = offset - (before.lastIndex(of: 0x0A) ?? -1)
        return " (line \(lines + 1), byte \(column) of it)"
    }

    private static func excerpt(_ bytes: [UInt8], _ offset: Int) -> String {
        guard offset > 0 else { return "It begins: \(PlainText.singleLine(text(bytes.prefix(40))))" }
        return "Good until: \(PlainText.singleLine(text(bytes[max(0, offset - 40)..<min(offset, bytes.count)])))"
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
