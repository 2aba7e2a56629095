#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Checks that what a worker's configuration names can be started, and that nobody can put other code in its place.
///
/// A path is followed link by link, and every directory and file on the way is looked at. Whoever *owns* one of them is
/// trusted: programs are often installed by one user and run by another. Everybody else must not be able to write there:
///
/// - nothing may be writable for all, except a directory with the sticky bit (`/tmp`); what lies in such a directory
///   must belong to root or to the user the host runs as, since anybody could have put it there;
/// - nothing may be writable for a group, except root's group and a user's own group (same number as the user's), which
///   systems with a umask of 002 give every user.
///
/// The check looks at one moment. It finds mistakes in an installation; it is no fence against a running attacker who
/// already can write where only owners may.
public struct PathPolicy: Sendable {
    private let user: UInt32

    /// A policy for the user that the process runs as.
    public init() {
        user = geteuid()
    }

    /// Everything that is wrong with a worker's directory and program; empty if it can be started.
    public func check(_ worker: WorkerConfiguration) -> [PolicyViolation] {
        // A service has no files here.
        guard worker.remote == nil else { return [] }
        var found = Findings(worker: worker.name)
        found.key = "project_path"
        checkDirectory(worker.projectPath, &found)
        if let program = worker.command?.first {
            found.key = "command"
            checkProgram(program, "check the spelling, or install it", &found)
        } else if let python = worker.venvPython {
            found.key = "venv_python"
            let suffix = ["/bin/python", "/bin/python3"].first { python.hasSuffix($0) }
            let create = suffix.map { "create the virtualenv with 'python3 -m venv \(python.dropLast($0.count))'" }
            checkProgram(python, create ?? "check the spelling, or create the virtualenv", &found)
        }
        return found.violations
    }

    private struct Findings {
        let worker: String
        var key = ""
        var violations: [PolicyViolation] = []

        mutating func add(_ path: String, _ message: String, _ advice: String, isAboutSafety: Bool = false) {
            let violation = PolicyViolation(
                worker: worker, key: key, path: path, message: message, advice: advice, isAboutSafety: isAboutSafety)
            // One bad directory above several paths is one thing to put right.
            let isKnown = violations.contains { $0.path == path && $0.message == message }
            if !isKnown { violations.append(violation) }
        }
    }

    private func checkDirectory(_ path: String, _ found: inout Findings) {
        guard let last = walk(path, "create the directory, or check the spelling", &found) else { return }
        guard last.isDirectory else {
            found.add(path, "is not a directory", "give the directory that the worker is started in")
            return
        }
        if access(path, X_OK) != 0 {
            found.add(path, "cannot be entered by user \(user)", "give it the right: chmod u+rx, or another owner")
        }
    }

    private func checkProgram(_ path: String, _ advice: String, _ found: inout Findings) {
        guard path.hasPrefix("/") else {
            found.add("'\(path)'", "is found neither beside the configuration nor in PATH", advice)
            return
        }
        guard let last = walk(path, advice, &found) else { return }
        if last.isDirectory {
            found.add(path, "is a directory", "give the program itself")
        } else if !last.isRegular {
            found.add(path, "is no regular file", "give the program itself")
        } else if access(path, X_OK) != 0 {
            found.add(path, "is not executable for user \(user)", "give it the right: chmod +x \(path)")
        }
    }

    /// Follows the path and judges what lies on it; nil if it cannot be followed to its end.
    private func walk(_ path: String, _ advice: String, _ found: inout Findings) -> PathWalk.Step? {
        let walk = PathWalk(path)
        for step in walk.steps { judge(step, &found) }
        guard let failure = walk.failure else { return walk.steps.last }
        switch failure.code {
        case ENOENT:
            let behind = failure.path == path ? "" : " (needed for \(path))"
            found.add(failure.path, "does not exist\(behind)", advice)
        case EACCES:
            found.add(failure.path, "cannot be looked at by user \(user)", "let that user enter the directory above it")
        case ELOOP:
            found.add(path, "leads through too many symbolic links", "remove the loop")
        case ENOTDIR:
            found.add(failure.path, "lies below something that is not a directory", advice)
        default:
            found.add(failure.path, "cannot be looked at: \(String(cString: strerror(failure.code)))", "check the disk")
        }
        return nil
    }

    private func judge(_ step: PathWalk.Step, _ found: inout Findings) {
        if step.isInSticky, step.owner != 0, step.owner != user {
            found.add(
                step.path, "lies in a directory that all users may write to, and belongs to user \(step.owner)",
                "move it elsewhere, or give it to user \(user)", isAboutSafety: true)
        }
        // A link has no rights of its own: the directory it lies in decides.
        guard !step.isLink else { return }
        if step.isWritableByAll, !(step.isDirectory && step.isSticky) {
            found.add(
                step.path, "is writable for all users", "take the right away: chmod o-w \(step.path)",
                isAboutSafety: true)
        } else if step.isWritableByGroup, step.group != 0, step.group != step.owner, !step.isSticky {
            found.add(
                step.path, "is writable for group \(step.group)", "take the right away: chmod g-w \(step.path)",
                isAboutSafety: true)
        }
    }
}
