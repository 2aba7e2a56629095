/// Puts environment variables into a text: `${NAME}`, `${NAME:-default}`, and `$$` for a dollar sign.
///
/// One pass: what a variable holds is not looked at again, so a `$` in a password stays what it is.
struct VariableSubstitution {
    let environment: [String: String]

    /// The text with everything put in, whether anything was, and what went wrong.
    struct Outcome {
        var text = ""
        var isSubstituted: Bool { !substitutions.isEmpty }
        /// The variables that were named, each once.
        var substitutions: [ConfigurationFact.Substitution] = []
        var problems: [String] = []
    }

    func apply(to text: String) -> Outcome {
        var outcome = Outcome()
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            outcome.text += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            switch rest.first {
            case "$":
                outcome.text += "$"
                rest.removeFirst()
            case "{":
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "}") else {
                    outcome.problems.append("'${' without a closing '}'; write '$$' for a dollar sign")
                    return outcome
                }
                expand(rest[..<end], into: &outcome)
                rest = rest[rest.index(after: end)...]
            default:
                outcome.text += "$"
            }
        }
        outcome.text += rest
        return outcome
    }

    private func expand(_ body: Substring, into outcome: inout Outcome) {
        var name = body
        var fallback: Substring?
        if let mark = body.firstRange(of: ":-") {
            name = body[..<mark.lowerBound]
            fallback = body[mark.upperBound...]
        }
        guard Self.isName(name) else {
            outcome.problems.append(
                "'${\(body)}' is no variable: write ${NAME} or ${NAME:-default}, and '$$' for a dollar sign")
            return
        }
        let value = environment[String(name)]
        let used = ConfigurationFact.Substitution(
            variable: String(name), isFallback: fallback != nil && value?.isEmpty ?? true)
        if !outcome.substitutions.contains(used) { outcome.substitutions.append(used) }
        if let fallback {
            outcome.text += value.flatMap { $0.isEmpty ? nil : $0 } ?? String(fallback)
        } else if let value {
            outcome.text += value
        } else {
            outcome.problems.append(
                "the environment variable \(name) is not set: set it, or give a default with ${\(name):-…}")
        }
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.first, !first.isNumber else { return false }
        return text.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
    }
}
