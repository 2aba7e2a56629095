import WorkerHostSQLite

/// The commands that can follow the look at a dead letter.
struct DeadLetterSteps {
    private let task: StoredTask

    /// The steps for one task.
    init(_ task: StoredTask) {
        self.task = task
    }

    private var commands: [(name: String, command: String, purpose: String)] {
        [
            ("retry", "workerhost dead-letters retry \(task.id)", "put it back into the queue"),
            ("discard", "workerhost dead-letters discard \(task.id)", "delete it with its history"),
        ]
    }

    /// Adds the commands to a JSON object.
    func add(to object: inout JSONObjectText) {
        object.flag("poison", task.isPoison)
        object.object("commands") { list in
            for command in commands { list.text(command.name, command.command) }
        }
    }

    /// The commands for people.
    func lines(terminal: Terminal) -> [String] {
        let table = Table(columns: [.init("command"), .init("purpose")])
        let rows = commands.map { ["  " + $0.command, $0.purpose] }
        return ["", Colour.bold.paint("What you can do", on: terminal)]
            + table.lines(rows, width: nil, terminal: terminal, withTitles: false)
    }
}
