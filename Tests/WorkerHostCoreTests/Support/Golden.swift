import Foundation
import Testing

/// Texts that users see, kept in files of Tests/Golden, so that every change of a wording is seen in a review.
///
/// A changed wording is written anew by running the test with `WORKERHOST_GOLDEN=write`; look at the difference.
enum Golden {
    static func check(
        _ name: String, _ lines: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = URL(filePath: #filePath).appending(path: "../../../Golden/\(name)").standardizedFileURL
        let text = lines.map { "\($0)\n" }.joined()
        if ProcessInfo.processInfo.environment["WORKERHOST_GOLDEN"] == "write" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        for difference in lines.difference(from: expected) {
            switch difference {
            case .insert(let offset, let line, _):
                Issue.record("\(name):\(offset + 1): new: \(line)", sourceLocation: sourceLocation)
            case .remove(let offset, let line, _):
                Issue.record("\(name):\(offset + 1): gone: \(line)", sourceLocation: sourceLocation)
            }
        }
    }
}
