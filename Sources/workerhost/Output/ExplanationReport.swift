import WorkerHostCore

/// What `config explain` shows of a configuration.
struct ExplanationReport {
    private let explanation: ConfigurationExplanation
    private let facts: [ConfigurationFact]
    private let descriptions: SchemaDescriptions
    /// The key that was asked for by itself, not as a section.
    private let single: ConfigurationFact?

    /// A report.
    /// - Parameters:
    ///   - facts: what is shown.
    ///   - key: what was asked for; nil for everything.
    init(_ explanation: ConfigurationExplanation, _ facts: [ConfigurationFact], key: String?) {
        self.explanation = explanation
        self.facts = facts
        descriptions = SchemaDescriptions(EditorSchema.text)
        // A key with others below it (the variables of `environment`) comes first.
        let isSingle = facts.count == 1 || facts.dropFirst().allSatisfy { $0.keyPath.hasPrefix("\(facts[0].keyPath).") }
        single = key != nil && isSingle ? facts.first : nil
    }

    /// The report for people.
    func lines(terminal: Terminal) -> [String] {
        guard let single else { return table(facts, terminal) }
        var lines = detail(single, terminal)
        if facts.count > 1 { lines += [""] + table(Array(facts.dropFirst()), terminal) }
        return lines
    }

    private func table(_ facts: [ConfigurationFact], _ terminal: Terminal) -> [String] {
        let table = Table(columns: [.init("key"), .init("value", isFlexible: true), .init("from", isFlexible: true)])
        let rows = facts.map { fact in
            [
                PlainText.singleLine(fact.keyPath), PlainText.cut(PlainText.singleLine(fact.text), to: 60),
                PlainText.singleLine(origin(fact)),
            ]
        }
        return table.lines(rows, width: terminal.columns, terminal: terminal)
    }

    private func detail(_ fact: ConfigurationFact, _ terminal: Terminal) -> [String] {
        let heading = "\(PlainText.singleLine(fact.keyPath)) = \(PlainText.singleLine(fact.text))"
        var rows = [("from", origin(fact))]
        rows += chain(fact).map { ("", $0) }
        if let overridden = fact.overridden {
            rows.append(("in place of", "\(place(overridden)), which the variable overrides"))
        }
        for used in fact.substitutions {
            rows.append(
                (
                    "variable",
                    used.isFallback
                        ? "\(used.variable) is not set or empty: the default behind ':-' is taken"
                        : used.variable
                ))
        }
        rows.append(("takes", fact.expectation))
        if !fact.isStandard { rows.append(("default", fact.standardText)) }
        rows.append(("override", overriding(fact)))
        var lines = [Colour.bold.paint(heading, on: terminal)]
        if let description = descriptions[fact.schemaPath] { lines.append("  \(description)") }
        lines.append("")
        lines += rows.map { name, value in
            "  \(name)\(String(repeating: " ", count: 13 - name.count))\(PlainText.singleLine(value))"
        }
        // Errors are shown once, behind the report.
        for issue in fact.issues where explanation.warnings.contains(issue) {
            lines.append(
                "  \(Colour.yellow.paint("warning", on: terminal))      \(PlainText.singleLine(issue.message))")
        }
        return lines
    }

    /// Where the value comes from, in a few words.
    private func origin(_ fact: ConfigurationFact) -> String {
        var text = place(fact.origin)
        if !fact.substitutions.isEmpty {
            text += " (\(fact.substitutions.map { "${\($0.variable)}" }.joined(separator: ", ")))"
        }
        return text
    }

    private func place(_ origin: ConfigurationFact.Origin) -> String {
        switch origin {
        case .file(let line, let column): "\(explanation.file):\(line):\(column)"
        case .environment(let variable): "variable \(variable)"
        case .standard(let basis): basis.map { "default, from \($0)" } ?? "default"
        }
    }

    /// Where the keys come from that a default follows.
    private func chain(_ fact: ConfigurationFact) -> [String] {
        var chain: [String] = []
        var next = fact.origin
        while case .standard(let basis?) = next, let below = explanation[basis], chain.count < 4 {
            chain.append("\(basis) = \(below.text): \(origin(below))")
            next = below.origin
        }
        return chain
    }

    private func overriding(_ fact: ConfigurationFact) -> String {
        if let variable = fact.overrideVariable { return "set \(variable)" }
        return "write ${NAME} in the file: the keys of workers have no variables of their own"
    }
}

extension ExplanationReport {
    /// The report as one JSON object.
    func json() -> [UInt8] {
        var object = JSONObjectText()
        object.text("file", explanation.file)
        object.flag("valid", explanation.errors.isEmpty)
        object.array("keys", facts.map(json))
        object.array("errors", explanation.errors.map(ValidationReport.json))
        object.array("warnings", explanation.warnings.map(ValidationReport.json))
        return object.finished
    }

    private func json(_ fact: ConfigurationFact) -> [UInt8] {
        var object = JSONObjectText()
        object.text("key", fact.keyPath)
        object.raw("value", fact.value)
        object.text("text", fact.text)
        object.object("origin") { json(fact.origin, &$0) }
        object.array(
            "variables",
            fact.substitutions.map { used in
                var line = JSONObjectText()
                line.text("name", used.variable)
                line.flag("fallback", used.isFallback)
                return line.finished
            })
        if let overridden = fact.overridden { object.object("overridden") { json(overridden, &$0) } }
        object.raw("default", fact.standard)
        object.text("takes", fact.expectation)
        object.text("override_variable", fact.overrideVariable)
        object.text("description", descriptions[fact.schemaPath])
        return object.finished
    }

    private func json(_ origin: ConfigurationFact.Origin, _ object: inout JSONObjectText) {
        switch origin {
        case .file(let line, let column):
            object.text("kind", "file")
            object.number("line", line)
            object.number("column", column)
        case .environment(let variable):
            object.text("kind", "environment")
            object.text("variable", variable)
        case .standard(let basis):
            object.text("kind", "default")
            object.text("from", basis)
        }
    }
}
