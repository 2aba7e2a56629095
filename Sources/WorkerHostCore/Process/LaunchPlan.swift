import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How a worker's processes are started: all strings and limits in C form, made once and used for each start.
///
/// `@unchecked`: the C memory is written in `init` only and freed in `deinit`.
final class LaunchPlan: @unchecked Sendable {
    let path: String
    let directory: String
    private let strings: CStringArray
    private let environment: CStringArray
    private let cPath: UnsafeMutablePointer<CChar>
    private let cDirectory: UnsafeMutablePointer<CChar>
    private let limits: [wh_limit]
    private let cOutOfMemoryScore: UnsafeMutablePointer<CChar>?

    /// - Parameters:
    ///   - commandLine: the program (looked up in the environment's PATH if it has no slash) and its arguments.
    ///   - environment: the whole environment of the process.
    ///   - outOfMemoryScore: what the process adds to its score when the kernel looks for a victim (0...1000).
    init(
        commandLine: [String], directory: String, environment: [String: String], limits: [wh_limit],
        outOfMemoryScore: Int? = nil
    ) {
        let program = commandLine.first ?? ""
        self.path = Self.find(program, in: environment["PATH"] ?? "")
        self.directory = directory
        self.limits = limits
        strings = CStringArray(commandLine)
        self.environment = CStringArray(environment.map { "\($0.key)=\($0.value)" }.sorted())
        cPath = CStringArray.copy(self.path)
        cDirectory = CStringArray.copy(directory)
        cOutOfMemoryScore = outOfMemoryScore.map { CStringArray.copy(String($0)) }
    }

    deinit {
        cPath.deallocate()
        cDirectory.deallocate()
        cOutOfMemoryScore?.deallocate()
    }

    /// Starts one process with three descriptors.
    /// - Parameters:
    ///   - extra: further environment variables as `NAME=value`.
    ///   - keepsSession: whether the process stays in the caller's session and process group.
    func spawn(
        descriptors: (Int32, Int32, Int32), extra: [String], stack: UnsafeMutableRawBufferPointer,
        keepsSession: Bool = false
    ) -> wh_spawn_result {
        let additions = CStringArray(extra)
        return environment.merged(with: additions) { envp in
            limits.withUnsafeBufferPointer { limits in
                var result = wh_spawn_result()
                var request = wh_spawn_request()
                request.path = UnsafePointer(cPath)
                request.argv = UnsafePointer(strings.pointer)
                request.envp = envp
                request.directory = UnsafePointer(cDirectory)
                request.stdin_fd = descriptors.0
                request.stdout_fd = descriptors.1
                request.stderr_fd = descriptors.2
                request.keeps_session = keepsSession ? 1 : 0
                request.limits = limits.baseAddress
                request.limit_count = limits.count
                request.oom_score_adj = cOutOfMemoryScore.map { UnsafePointer($0) }
                request.stack = stack.baseAddress
                request.stack_size = stack.count
                wh_spawn(&request, &result)
                return result
            }
        }
    }

    /// The file that `execvp` would take; the name itself when there is none, so that the error shows it.
    private static func find(_ program: String, in searchPath: String) -> String {
        guard !program.isEmpty, !program.contains("/") else { return program }
        for directory in searchPath.split(separator: ":") where directory.hasPrefix("/") {
            let candidate = "\(directory)/\(program)"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        return program
    }
}
