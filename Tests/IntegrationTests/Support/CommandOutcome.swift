import Foundation

/// How a command ended and what it said.
struct CommandOutcome: Sendable, CustomStringConvertible {
    /// Standard output, byte for byte.
    let output: [UInt8]
    /// Standard error, byte for byte.
    let error: [UInt8]
    /// The exit code; 128 + the signal if a signal ended it, as a shell says it.
    let code: Int32
    /// Whether it was killed for running longer than its bound.
    let overran: Bool

    /// Standard output as text.
    var text: String { String(decoding: output, as: UTF8.self) }
    /// Standard error as text.
    var errorText: String { String(decoding: error, as: UTF8.self) }
    /// The lines of standard output that are not empty; a terminal ends them with CR and LF.
    var lines: [String] { text.split(whereSeparator: \.isNewline).map(String.init) }

    /// Standard output as one JSON value.
    func json() throws -> Any { try JSONSerialization.jsonObject(with: Data(output), options: [.fragmentsAllowed]) }

    var description: String {
        "exit \(code)\(overran ? " (killed: it overran its bound)" : "")\n--- stdout\n\(text)\n--- stderr\n\(errorText)"
    }
}
