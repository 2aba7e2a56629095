import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// The commands that can follow the look at a dead letter.
struct DeadLetterSteps {
    private let task: StoredTask

    /// The steps for one task.
    init(_ task: StoredTask) {
        self.task = task
    }

    private var commands: [(name: String, command: String, purpose: String)] {
        var commands = [
            ("retry", "workerhost dead-letters retry \(task.id)", "put it back into the queue"),
            ("discard", "workerhost dead-letters discard \(task.id)", "delete it with its history"),
        ]
        if Self.exists("replay") {
            commands.append(
                ("replay", "workerhost replay \(task.id)", "run it here and look on; the queue stays as it is"))
        }
        if Self.exists("exec"), let params = quotedParams {
            commands.append(
                ("exec", "workerhost exec --type \(task.type) --params \(params)", "run its worker by hand"))
        }
        return commands
    }

    private static func exists(_ command: String) -> Bool {
        Root.configuration.subcommands.contains { type in
            (type.configuration.commandName ?? String(describing: type).lowercased()) == command
        }
    }

    /// The parameters for a shell; nil if they are too long to be typed.
    private var quotedParams: String? {
        let text = task.params.text
        guard text.utf8.count <= 200, text == PlainText.singleLine(text) else { return nil }
        return "'\(text.replacing("'", with: "'\\''"))'"
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
