import Foundation
import WorkerHostSQLite

#if canImport(Glibc)
    import Glibc
#endif

/// Tasks as JSON lines from a file or standard input.
final class TaskSource {
    /// So many bad lines are shown; the rest is only counted.
    private static let shownErrors = 50

    /// The name for messages.
    let name: String
    /// Whether the source can be read twice, so that it is checked before anything is added.
    let isRereadable: Bool
    private(set) var badLines = 0
    private let descriptor: Int32
    private var parser: TaskLineParser
    private var reader: LineReader

    /// Opens the source.
    /// - Throws: ``CommandFailure`` with exit code 2 if it cannot be opened.
    init(path: String, types: TypeCheck) throws(CommandFailure) {
        name = path == "-" ? "<stdin>" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(
                .usage, "'\(path)' cannot be opened: \(String(cString: strerror(errno))). Check the path.")
        }
        var information = stat()
        let isKnown = fstat(descriptor, &information) == 0
        if isKnown, information.st_mode & S_IFMT == S_IFDIR {
            throw CommandFailure(.usage, "'\(path)' is a directory: name a file of JSON lines.")
        }
        isRereadable = path != "-" && isKnown && information.st_mode & S_IFMT == S_IFREG
        parser = TaskLineParser(types: types)
        reader = LineReader(descriptor: descriptor, name: name)
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// Looks at every line, reports all bad ones, and starts anew.
    /// - Throws: ``CommandFailure`` with exit code 2 if there is a bad line.
    func checkAll() throws {
        while try nextBatch(of: 1000) != nil {}
        guard badLines == 0 else {
            throw CommandFailure(
                .usage, "\(HumanText.count(badLines, "bad line")) in '\(name)': nothing was added. Mend the file.")
        }
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw CommandFailure(
                .usage, "'\(name)' cannot be read again: \(String(cString: strerror(errno))). Nothing was added.")
        }
        reader = LineReader(descriptor: descriptor, name: name)
    }

    /// The next good lines; nil at the end. Bad ones are reported and counted.
    func nextBatch(of limit: Int) throws -> [NewTask]? {
        var tasks: [NewTask] = []
        var bytes = 0
        while tasks.count < limit, bytes < 8 << 20 {
            if !tasks.isEmpty, reader.wouldWait { return tasks }
            guard let line = try reader.next() else { return tasks.isEmpty ? nil : tasks }
            guard let content = line.bytes else {
                report(line.number, "the line is longer than \(HumanText.bytes(Int64(LineReader.longestLine)))")
                continue
            }
            do throws(LineError) {
                tasks.append(try parser.parse(content))
                bytes += content.count
            } catch {
                report(line.number, error.message)
            }
        }
        return tasks
    }

    private func report(_ line: Int, _ message: String) {
        badLines += 1
        if badLines <= Self.shownErrors { Talk.shared.line("\(name):\(line): \(message)") }
        if badLines == Self.shownErrors + 1 { Talk.shared.line("\(name): more bad lines are only counted") }
    }
}
