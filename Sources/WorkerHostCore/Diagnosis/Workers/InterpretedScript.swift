/// A script that a worker's command line gives to an interpreter: `[bash, hello.sh]`.
struct InterpretedScript {
    private static let shells: Set = ["sh", "bash", "dash", "ksh", "zsh"]
    private static let others: Set = ["node", "nodejs", "ruby", "perl", "php", "lua", "deno", "Rscript"]

    /// The interpreter's name.
    let program: String
    /// The script; absolute.
    let path: String
    /// Whether the interpreter is a shell.
    let isShell: Bool

    /// nil if the worker's command line is not of that form.
    init?(_ worker: WorkerConfiguration) {
        guard let command = worker.command, command.count > 1, let name = command[0].split(separator: "/").last else {
            return nil
        }
        program = String(name)
        isShell = Self.shells.contains(program)
        let script: String
        if let entry = PythonEntry(worker), case .script(let path) = entry.target {
            script = path
        } else if isShell || Self.others.contains(program), !command[1].hasPrefix("-"), command[1] != "run" {
            script = command[1]
        } else {
            return nil
        }
        path = script.hasPrefix("/") ? script : "\(worker.projectPath)/\(script)"
    }
}
