import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a worker process could not be started.
public struct StartError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The errno.
    public let code: Int32
    /// What happened, with the path, and what to do.
    public let description: String
    /// Nothing was begun, and the next start goes another way: the attempt is not spent.
    var mayMove = false

    init(code: Int32, description: String, mayMove: Bool = false) {
        self.code = code
        self.description = description
        self.mayMove = mayMove
    }

    init(worker: String, plan: LaunchPlan, code: Int32, stage: Int32) {
        self.code = code
        let reason = SystemError.reason(code)
        let what: String
        switch UInt32(stage) {
        case WH_STAGE_DIRECTORY.rawValue:
            what = "project_path \(plan.directory): \(reason). \(Self.adviceOnDirectory(code))"
        case WH_STAGE_EXEC.rawValue:
            what = "\(plan.path): \(reason). \(StartAdvice(path: plan.path, directory: plan.directory).text(code))"
        case WH_STAGE_LIMITS.rawValue:
            what =
                "a limit of the worker cannot be set: \(reason). Lower max_memory_mb or max_open_files in its limits."
        default:
            what = "no process can be made: \(reason). \(Self.scarcity(code))"
        }
        description = "cannot start worker '\(worker)': \(what)"
    }

    private static func adviceOnDirectory(_ code: Int32) -> String {
        switch code {
        case EACCES, EPERM: "Let user \(geteuid()) enter it and each directory above it (chmod +x)."
        case ENOTDIR: "Name a directory in project_path."
        default: "Create the directory or correct project_path."
        }
    }

    /// What to do when the machine gives no more of something.
    static func scarcity(_ code: Int32) -> String {
        switch code {
        case EMFILE: "Raise the limit of open files (ulimit -n, LimitNOFILE= in systemd) or lower concurrency."
        case ENFILE: "The machine has no more open files: raise fs.file-max or lower concurrency."
        case EAGAIN:
            "Raise the limit of processes (ulimit -u, TasksMax= in systemd, pids.max of the container) or lower "
                + "concurrency."
        case ENOMEM: "The machine is short of memory: lower concurrency or add memory."
        case EPERM, ENOSYS: "The container's or service's seccomp rules forbid it: allow clone, pidfd and waitid."
        default: "The machine is short of processes, memory or descriptors; see ulimit -a."
        }
    }
}
