import Foundation

/// A Python that makes virtualenvs.
struct PythonInterpreter {
    private static let usual = "python3"
    private static let question = """
        import sys
        print("python", ".".join(map(str, sys.version_info[:3])))
        import venv
        import ensurepip
        """

    /// The program, as it was named.
    let program: String
    /// For example `3.12.3`.
    let version: String

    /// Looks at an interpreter.
    /// - Parameters:
    ///   - program: a path, or a name that is looked for in PATH; nil for `python3`.
    ///   - makesVirtualenvs: whether it needs the modules for that.
    /// - Throws: ``CommandFailure`` with what is missing and how to get it.
    init(_ program: String?, makesVirtualenvs: Bool) throws(CommandFailure) {
        self.program = program ?? Self.usual
        let others =
            makesVirtualenvs ? "name another with --python, or leave the virtualenv out with --no-venv" : "name another"
        guard SearchPath.has(self.program) else {
            let how = program == nil ? "there is no 'python3' in PATH" : "'\(self.program)' is no program"
            throw CommandFailure(
                .usage,
                "Python is missing: \(how). Install it (Debian: apt-get install python3 python3-venv), \(others).")
        }
        let answer = try ToolProcess.run([self.program, "-c", Self.question])
        let words = answer.output.split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, words[0] == "python" else {
            let last = PlainText.singleLine(
                answer.output.split(whereSeparator: \.isNewline).last.map(String.init) ?? "")
            throw CommandFailure(
                .usage,
                "'\(self.program)' does not run Python 3 (exit code \(answer.code)\(last.isEmpty ? "" : ": \(last)")); "
                    + "\(others).")
        }
        version = String(words[1])
        if makesVirtualenvs, answer.code != 0 {
            throw CommandFailure(
                .usage,
                "'\(self.program)' (Python \(version)) has no working venv module. Install it "
                    + "(Debian: apt-get install python3-venv), \(others).")
        }
    }

    /// Makes a virtualenv with pip in it; nothing is downloaded.
    /// - Throws: ``CommandFailure`` with what Python said.
    func makeVirtualenv(at path: String) throws(CommandFailure) {
        let made = try ToolProcess.run([program, "-m", "venv", path])
        guard made.code == 0 else {
            throw CommandFailure(
                .failed,
                "'\(ShellText.line([program, "-m", "venv", path]))' ended with exit code \(made.code):\n"
                    + PlainText.multiLine(made.output.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
    }
}
