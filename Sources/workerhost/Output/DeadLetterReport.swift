import WorkerHostCore
import WorkerHostSQLite

/// Dead letters by cause, and the newest of them.
struct DeadLetterReport {
    private let causes: [DeadLetterCause]

    /// A report.
    init(_ causes: [DeadLetterCause]) {
        self.causes = causes
    }

    /// How many there are.
    var total: Int { causes.reduce(0) { $0 + $1.count } }
    /// How many of them are poison.
    var poison: Int { causes.reduce(0) { $0 + $1.poison } }

    /// The causes as JSON objects.
    func json() -> [[UInt8]] {
        causes.map { cause in
            var object = JSONObjectText()
            object.text("kind", cause.kind)
            object.text("error", cause.errorType)
            object.text("type", cause.type)
            object.number("count", cause.count)
            object.number("poison", cause.poison)
            object.time("newest", cause.newest)
            object.text("example", cause.example)
            return object.finished
        }
    }

    /// The causes for people.
    func lines(width: Int?, terminal: Terminal) -> [String] {
        let poisonous = poison == 0 ? "" : ", \(HumanText.count(poison)) of them poison"
        let table = Table(columns: [
            .init("count", isNumeric: true), .init("kind"), .init("error", isFlexible: true),
            .init("task type", isFlexible: true), .init("poison", isNumeric: true, isOptional: true, colour: Self.red),
            .init("newest (UTC)", isOptional: true), .init("example", isNumeric: true),
        ])
        let rows = causes.map { cause in
            [
                HumanText.count(cause.count), cause.kind, cause.errorType, cause.type, HumanText.count(cause.poison),
                String(HumanText.time(cause.newest).dropLast(4)), cause.example,
            ]
        }
        let heading = "\(HumanText.count(total, "dead letter"))\(poisonous)"
        return [Colour.bold.paint(heading, on: terminal), ""] + table.lines(rows, width: width, terminal: terminal)
    }

    /// Some tasks for people.
    static func table(_ tasks: [StoredTask], width: Int?, terminal: Terminal) -> [String] {
        let table = Table(columns: [
            .init("id", isNumeric: true), .init("type", isFlexible: true), .init("failed (UTC)", isOptional: true),
            .init("attempts", isNumeric: true, isOptional: true), .init("kind", isOptional: true, colour: poisonColour),
            .init("error", isFlexible: true),
        ])
        let rows = tasks.map { task in
            [
                task.id, task.type, task.finishedAt.map { String(HumanText.time($0).dropLast(4)) } ?? "",
                String(task.attempts), task.isPoison ? Self.poison : task.failure?.kind ?? "",
                StoredTaskText.outcome(task),
            ]
        }
        return table.lines(rows, width: width, terminal: terminal)
    }

    private static let poison = "poison"

    private static let poisonColour: @Sendable (String) -> Colour? = { $0 == poison ? .red : nil }

    private static let red: @Sendable (String) -> Colour? = { $0 == "0" ? nil : .red }
}
