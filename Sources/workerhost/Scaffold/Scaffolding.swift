/// The order in which things are made, so that a failure leaves nothing behind.
@MainActor
enum Scaffolding {
    /// Makes a worker's files with `files`, then its virtualenv, which cannot be moved and so is made where it stays, and
    /// then does `last`.
    /// - Throws: ``CommandFailure``; what was made is gone again, or named.
    static func make(
        _ worker: WorkerPlan, in folder: String, with python: PythonInterpreter?,
        files: (Making) throws(CommandFailure) -> Void, last: () throws(CommandFailure) -> Void = {}
    ) throws(CommandFailure) {
        Interruption.watch()
        let making = Making()
        do throws(CommandFailure) {
            try files(making)
            if let virtualenv = worker.virtualenv, let python {
                let path = "\(folder)/\(virtualenv)"
                making.expect(path)
                if Terminal.error.isTerminal { Talk.shared.line("Making the virtualenv of '\(worker.name)' …") }
                try python.makeVirtualenv(at: path)
            }
            try Interruption.check()
            try last()
        } catch {
            let left = making.undo()
            let rest =
                left.isEmpty ? "Nothing was changed." : "This could not be removed: \(left.joined(separator: "; "))"
            throw CommandFailure(error.code, "\(error.description)\n\(rest)")
        }
    }
}
