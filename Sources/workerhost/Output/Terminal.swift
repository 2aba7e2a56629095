import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What is known about the device behind a descriptor.
struct Terminal: Sendable {
    private let descriptor: Int32
    private let environment: [String: String]

    /// Standard input.
    static let input = Terminal(STDIN_FILENO)
    /// Standard output.
    static let output = Terminal(STDOUT_FILENO)
    /// Standard error.
    static let error = Terminal(STDERR_FILENO)

    /// The device behind a descriptor.
    init(_ descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.descriptor = descriptor
        self.environment = environment
    }

    /// Whether a person looks at it.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether the cursor can be moved: a terminal, and not a dumb one.
    var canRedraw: Bool { isTerminal && environment["TERM"] != "dumb" }

    /// Whether colour is wanted (https://no-color.org).
    var hasColour: Bool { canRedraw && (environment["NO_COLOR"] ?? "").isEmpty }

    /// The width in columns; nil where lines may be as long as they are.
    var columns: Int? {
        guard isTerminal else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
