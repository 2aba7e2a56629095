import WorkerHostCore

/// What the doctor found, for people and as JSON.
struct DoctorReport {
    private let diagnoses: [Diagnosis]

    /// A report.
    init(_ diagnoses: [Diagnosis]) {
        self.diagnoses = diagnoses
    }

    /// Whether something is wrong; warnings alone are not.
    var hasProblem: Bool { diagnoses.contains { $0.status == .problem } }

    /// One line for each check, advice below it, and the sum.
    func lines(terminal: Terminal) -> [String] {
        var lines: [String] = []
        for diagnosis in diagnoses {
            let mark = diagnosis.status.rawValue
            let padding = String(repeating: " ", count: 9 - mark.count)
            lines.append(
                colour(diagnosis.status).paint(mark, on: terminal) + padding
                    + PlainText.singleLine("\(diagnosis.subject): \(diagnosis.message)"))
            if let advice = diagnosis.advice {
                lines.append("         " + Colour.faint.paint("-> \(PlainText.singleLine(advice))", on: terminal))
            }
        }
        return lines + ["", summary]
    }

    private var summary: String {
        let problems = diagnoses.count { $0.status == .problem }
        let warnings = diagnoses.count { $0.status == .warning }
        let checks = HumanText.count(diagnoses.count, "check")
        if problems == 0, warnings == 0 { return "\(checks): all is well." }
        let parts = [
            problems > 0 ? HumanText.count(problems, "problem") : "no problems",
            warnings > 0 ? HumanText.count(warnings, "warning") : "no warnings",
        ]
        return "\(checks): \(parts.joined(separator: ", "))."
    }

    private func colour(_ status: Diagnosis.Status) -> Colour {
        switch status {
        case .ok: .green
        case .warning: .yellow
        case .problem: .red
        }
    }

    /// One JSON array.
    func json() -> [UInt8] {
        let items = diagnoses.map { diagnosis in
            var object = JSONObjectText()
            object.text("id", diagnosis.id)
            object.text("subject", diagnosis.subject)
            object.text("status", diagnosis.status.rawValue)
            object.text("message", diagnosis.message)
            object.text("advice", diagnosis.advice)
            object.object("facts") { facts in
                for (name, fact) in diagnosis.facts.sorted(by: { $0.key < $1.key }) { facts.add(name, fact) }
            }
            return object.finished
        }
        return [0x5B] + Array(items.joined(separator: [0x2C])) + [0x5D]
    }
}

extension JSONObjectText {
    /// Adds something that a check found out.
    mutating func add(_ name: String, _ fact: Diagnosis.Fact) {
        switch fact {
        case .text(let text): self.text(name, text)
        case .number(let number): self.number(name, number)
        case .seconds(let seconds): self.seconds(name, .microseconds(Int64(seconds * 1_000_000)))
        case .flag(let flag): self.flag(name, flag)
        case .list(let texts):
            array(
                name,
                texts.map { text in
                    var bytes: [UInt8] = []
                    Self.append(text, to: &bytes)
                    return bytes
                })
        }
    }
}
