import Foundation

/// Starts the built `workerhost` (or any other program) as a process and collects what it says.
///
/// Everything that blocks happens on a thread of its own, never on the cooperative pool. A command that is not done
/// within `bound` is killed with its process group, and its outcome says so: a test cannot hang.
struct CommandRunner: Sendable {
    /// The program.
    var executable: String
    /// The whole environment of the program.
    var environment: [String: String] = Self.plainEnvironment
    /// Where it starts; nil for the test's own directory.
    var directory: String?
    /// How long it may run.
    var bound: Duration = .seconds(120)

    /// What reaches the program's standard input.
    enum Input: Sendable {
        /// Nothing: `/dev/null`.
        case none
        /// These bytes, then the end.
        case bytes([UInt8])
        /// An open pipe that the test writes to and closes.
        case open
        /// A terminal on which the test types.
        case terminal

        static func text(_ text: String) -> Input { .bytes(Array(text.utf8)) }
    }

    /// What an output of the program is connected to.
    enum Output: Sendable {
        /// A pipe that is read to its end.
        case pipe
        /// A pipe that is closed once so many bytes were read.
        case closed(afterBytes: Int)
        /// A terminal of this width.
        case terminal(columns: Int)
    }

    /// The environment a command gets unless a test says otherwise: no setting of the developer's shell.
    static var plainEnvironment: [String: String] {
        let own = ProcessInfo.processInfo.environment
        return own.filter { ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR"].contains($0.key) }
            .merging(["LANG": "C.UTF-8"]) { old, _ in old }
    }

    /// The `workerhost` that was built beside the tests.
    static var workerhost: CommandRunner { CommandRunner(executable: buildDirectory + "/workerhost") }

    /// The directory of the test program, which is that of all built products.
    static var buildDirectory: String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        var directory = own.deletingLastPathComponent()
        // A test bundle may be a directory with the program some levels down.
        for _ in 0..<4 {
            let candidate = directory.appendingPathComponent("workerhost").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return directory.path }
            directory = directory.deletingLastPathComponent()
        }
        return own.deletingLastPathComponent().path
    }

    /// The same program, started in `directory`.
    func inside(_ directory: String) -> CommandRunner {
        var copy = self
        copy.directory = directory
        return copy
    }

    /// The same program with more variables.
    func with(_ variables: [String: String]) -> CommandRunner {
        var copy = self
        copy.environment.merge(variables) { _, new in new }
        return copy
    }

    /// Runs the program to its end.
    func run(
        _ arguments: [String], input: Input = .none, output: Output = .pipe, error: Output = .pipe
    ) async throws -> CommandOutcome {
        try await start(arguments, input: input, output: output, error: error).outcome()
    }

    /// Starts the program; the handle tells what it said so far and takes signals.
    func start(
        _ arguments: [String], input: Input = .none, output: Output = .pipe, error: Output = .pipe
    ) throws -> RunningCommand {
        let spawned = try SpawnedCommand.start(self, arguments: arguments, input: input, output: output, error: error)
        return try RunningCommand(spawned, bound: bound)
    }
}
