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

    init(code: Int32, description: String) {
        self.code = code
        self.description = description
    }

    init(worker: String, plan: LaunchPlan, code: Int32, stage: Int32) {
        self.code = code
        let reason = SystemError.reason(code)
        let what: String
        switch UInt32(stage) {
        case WH_STAGE_DIRECTORY.rawValue:
            what = "project_path \(plan.directory): \(reason). Create the directory or correct project_path."
        case WH_STAGE_EXEC.rawValue:
            what = "\(plan.path): \(reason). \(Self.advice(code, path: plan.path))"
        case WH_STAGE_LIMITS.rawValue:
            what = "a limit of the worker cannot be set: \(reason). Check workers[].limits."
        default:
            what = "\(reason). The machine is short of processes, memory or descriptors; see ulimit -a."
        }
        description = "cannot start worker '\(worker)': \(what)"
    }

    private static func advice(_ code: Int32, path: String) -> String {
        switch code {
        case ENOENT where access(path, F_OK) == 0:
            "The file exists, but the interpreter that its first line names does not: create the virtualenv anew."
        case ENOENT: "Create the virtualenv, or correct venv_python or command."
        case EACCES: "Make it executable for this user (chmod +x), or correct venv_python or command."
        case ENOEXEC: "It is no program: a script needs a first line such as #!/bin/sh."
        default: "Check venv_python or command."
        }
    }
}
