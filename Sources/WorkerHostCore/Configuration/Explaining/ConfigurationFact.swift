/// What holds for one key of a configuration, and where it comes from.
public struct ConfigurationFact: Sendable, Hashable {
    /// Where a value was given.
    public enum Origin: Sendable, Hashable {
        /// In the file; line and column from 1, the column in Unicode scalars.
        case file(line: Int, column: Int)
        /// By a variable that overrides the key.
        case environment(variable: String)
        /// Nowhere. `from` names the key (`task_manager.retry_backoff`) or the thing (`the number of processor cores`)
        /// that the default follows; nil if it follows nothing.
        case standard(from: String?)
    }

    /// A `${NAME}` in the value.
    public struct Substitution: Sendable, Hashable {
        /// The variable.
        public var variable: String
        /// Whether the variable was unset or empty, so that the text behind `:-` was taken.
        public var isFallback: Bool

        /// A substitution.
        public init(variable: String, isFallback: Bool = false) {
            self.variable = variable
            self.isFallback = isFallback
        }
    }

    /// The key, for example `workers[0].timeout`.
    public var keyPath: String
    /// The value in force as JSON, durations and paths as texts (`"5m"` in the file is `"300s"`); what may be a
    /// secret is `"***"`. nil if there is none, or if what was given cannot be used.
    public var value: RawJSON?
    /// What holds if the key is not given and has no default value, for example `the host's own soft limit`.
    public var absence: String
    /// Where the value was given.
    public var origin: Origin
    /// The variables that were put into the value, in their order.
    public var substitutions: [Substitution]
    /// The place in the file whose value is not used because a variable overrides it.
    public var overridden: Origin?
    /// What holds if the key is not given; nil if nothing does.
    public var standard: RawJSON?
    /// What the key takes, for example `true or false`.
    public var expectation: String
    /// The variable that overrides the key; nil for keys that have none (those of `workers`).
    public var overrideVariable: String?
    /// Errors and warnings about the key.
    public var issues: [ConfigurationIssue]

    /// The key as ``ConfigurationLoader/knownKeys`` lists it, for example `workers[].timeout`.
    public var schemaPath: String { Self.withoutIndices(keyPath) }

    /// Whether the value is the default.
    public var isStandard: Bool {
        if case .standard = origin { true } else { false }
    }

    /// The value in force for people: texts without quotes, and ``absence`` where there is none.
    public var text: String { value.map(Self.text) ?? (isStandard ? absence : "not usable: see the errors") }

    /// The default for people.
    public var standardText: String { standard.map(Self.text) ?? absence }

    /// A value as people read it.
    static func text(_ value: RawJSON) -> String {
        // Written by this module, so it is valid; should it ever not be, its bytes tell more than nothing.
        if value.bytes.first == 0x22, case .string(let text)? = try? JSONValue(value) { return text }
        return value.text
    }

    static func withoutIndices(_ path: String) -> String {
        var result = ""
        var isIndex = false
        for character in path {
            if character == "]" { isIndex = false }
            if !isIndex { result.append(character) }
            if character == "[" { isIndex = true }
        }
        return result
    }
}
