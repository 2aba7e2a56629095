/// One setting that another configuration gives another value.
public struct SettingChange: Sendable, Hashable {
    /// The key below its section, for example `timeout` or `logging.level`.
    public let key: String
    /// The value in force; nil for none. Values that may hold a secret are shown as `***`.
    public let old: String?
    /// The value that the other configuration gives; nil for none.
    public let new: String?

    /// A change.
    public init(key: String, old: String?, new: String?) {
        self.key = key
        self.old = old
        self.new = new
    }
}

extension SettingChange: CustomStringConvertible {
    /// For example `timeout: 10s -> 30s`.
    public var description: String { "\(key): \(old ?? "none") -> \(new ?? "none")" }
}

/// Settings by key, in a fixed order, as far as two configurations are compared by them.
struct SettingList {
    private struct Entry {
        let key: String
        /// What is compared.
        let value: String?
        /// What is shown; nil to show the value.
        let shown: String?
    }

    private var entries: [Entry] = []

    mutating func add(_ key: String, _ value: String?) {
        entries.append(Entry(key: key, value: value, shown: nil))
    }

    mutating func add(_ key: String, _ value: Duration) { add(key, DurationText.text(value)) }

    mutating func add(_ key: String, _ value: Int?) { add(key, value.map { String($0) }) }

    mutating func add(_ key: String, _ value: Bool) { add(key, value ? "true" : "false") }

    mutating func add(_ key: String, _ values: [String]?) { add(key, values.map { "[\($0.joined(separator: ", "))]" }) }

    /// A value that may be long, or a secret: that it differs is told, and no more.
    mutating func addHidden(_ key: String, _ value: String?) {
        entries.append(Entry(key: key, value: value, shown: value == nil ? nil : "***"))
    }

    /// What differs; a key of one list only counts as none in the other.
    func changes(to other: SettingList) -> [SettingChange] {
        var rest = other.entries
        var changes: [SettingChange] = []
        for entry in entries {
            let match = rest.firstIndex { $0.key == entry.key }.map { rest.remove(at: $0) }
            guard entry.value != match?.value else { continue }
            changes.append(
                SettingChange(key: entry.key, old: entry.shown ?? entry.value, new: match?.shown ?? match?.value))
        }
        for entry in rest where entry.value != nil {
            changes.append(SettingChange(key: entry.key, old: nil, new: entry.shown ?? entry.value))
        }
        return changes
    }
}
