import Foundation
import Synchronization
import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#endif

/// A log file that is renamed to `NAME.1` when it is full, `NAME.1` to `NAME.2` and so on.
///
/// Several hosts may write to one file: each line is one `write` to a descriptor opened for appending, and a file that
/// another host has renamed is opened anew.
final class RotatingLogFile: LogOutput {
    private struct State {
        var descriptor: Int32
        var size: Int
        var lost = 0
        var lostBecause: Int32 = 0
        /// Whether the last write ended inside a line.
        var isTorn = false
    }

    private let path: String
    private let maxBytes: Int
    private let backupCount: Int
    private let state: Mutex<State>

    /// Opens the file for appending; its directory is made if it is missing.
    /// - Parameters:
    ///   - maxBytes: the file is rotated before it grows over so many bytes; 0 for never.
    ///   - backupCount: so many old files are kept; with 0 the file is never rotated, as in Python.
    /// - Throws: ``CommandFailure`` with exit code 2 if the file cannot be opened.
    init(path: String, maxBytes: Int, backupCount: Int) throws(CommandFailure) {
        self.path = path
        self.maxBytes = maxBytes
        self.backupCount = backupCount
        let directory = (path as NSString).deletingLastPathComponent
        if !directory.isEmpty, access(directory, F_OK) != 0 {
            if let reason = NewDirectory.make(directory, mode: 0o777) {
                throw CommandFailure(
                    .usage,
                    "The directory of logging.file '\(path)' cannot be made: \(reason). "
                        + "Make it, or correct logging.file.")
            }
        }
        let descriptor = Self.open(path)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw CommandFailure(
                .usage,
                "logging.file '\(path)' cannot be opened for writing: \(reason). "
                    + "Make it writable for this user, or correct logging.file.")
        }
        state = Mutex(State(descriptor: descriptor, size: Self.size(descriptor)))
    }

    deinit { _ = state.withLock { close($0.descriptor) } }

    /// Lines that could not be written and were not yet told about.
    var lostLines: Int { state.withLock { $0.lost } }

    func write(_ lines: [UInt8]) {
        state.withLock { state in
            if !isRotated || state.size + lines.count <= maxBytes { return write(lines[...], &state) }
            // A file ends with the last line that it has room for.
            var rest = lines[...]
            while let end = rest.firstIndex(of: 0x0A) {
                let line = rest[...end]
                if state.size + line.count > maxBytes, state.size > 0 { rotate(&state) }
                write(line, &state)
                rest = rest[(end + 1)...]
            }
        }
    }

    private var isRotated: Bool { maxBytes > 0 && backupCount > 0 }

    private func write(_ lines: ArraySlice<UInt8>, _ state: inout State) {
        if state.lost > 0 {
            let told = Array(Self.loss(state.lost, state.lostBecause).utf8)
            guard append(told[...], &state) == 0 else {
                state.lost += lines.count { $0 == 0x0A }
                return
            }
            state.lost = 0
        }
        state.lost += append(lines, &state)
    }

    private static func loss(_ count: Int, _ code: Int32) -> String {
        "\(Timestamp.now) WARNING  workerhost.log: \(HumanText.count(count, "line")) could not be written: "
            + "\(String(cString: strerror(code)))\n"
    }

    private static func open(_ path: String) -> Int32 {
        Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o640)
    }

    private static func size(_ descriptor: Int32) -> Int {
        var information = stat()
        return fstat(descriptor, &information) == 0 ? Int(information.st_size) : 0
    }

    /// - Returns: how many of the lines were not written, or not to their end.
    private func append(_ lines: ArraySlice<UInt8>, _ state: inout State) -> Int {
        let bytes = state.isTorn ? [0x0A] + lines : lines
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(state.descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                start += count
            } else if count == 0 || errno != EINTR {
                state.lostBecause = count == 0 ? EIO : errno
                break
            }
        }
        state.size += start - bytes.startIndex
        if start > bytes.startIndex { state.isTorn = start < bytes.endIndex }
        return lines.suffix(bytes.endIndex - start).count { $0 == 0x0A }
    }

    private func rotate(_ state: inout State) {
        if isStillOurs(state.descriptor) {
            // Others may have written too: only the file itself knows its size.
            state.size = Self.size(state.descriptor)
            guard state.size > 0 else { return }
            for index in stride(from: backupCount - 1, through: 1, by: -1) {
                rename("\(path).\(index)", "\(path).\(index + 1)")
            }
            guard rename(path, "\(path).1") == 0 else {
                // Goes on in the old file, and tries again when that has grown as much once more.
                state.size = 0
                return
            }
        }
        let next = Self.open(path)
        guard next >= 0 else {
            state.size = 0
            return
        }
        close(state.descriptor)
        state.descriptor = next
        state.size = Self.size(next)
        state.isTorn = false
    }

    /// Whether the path still leads to the open file; not so when another host rotated it.
    private func isStillOurs(_ descriptor: Int32) -> Bool {
        var own = stat()
        var named = stat()
        guard fstat(descriptor, &own) == 0, stat(path, &named) == 0 else { return false }
        return own.st_ino == named.st_ino && own.st_dev == named.st_dev
    }
}
