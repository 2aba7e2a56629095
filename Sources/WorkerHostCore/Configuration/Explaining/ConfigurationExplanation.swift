/// A configuration taken apart: what holds for each key and why. Also of one that cannot be used.
public struct ConfigurationExplanation: Sendable, Hashable {
    /// The file's name.
    public var file: String
    /// What holds, key by key, in the order of the schema; keys in sections that cannot be read are missing.
    public var facts: [ConfigurationFact]
    /// Everything that is wrong.
    public var errors: [ConfigurationIssue]
    /// What has no effect, or is probably a mistake.
    public var warnings: [ConfigurationIssue]
    /// The configuration; nil if something is wrong.
    public var configuration: HostConfiguration?
    /// The text as it was written; empty if it cannot be read.
    public var text = ""

    /// The fact of a key; nil if there is none.
    public subscript(_ keyPath: String) -> ConfigurationFact? {
        facts.first { $0.keyPath == keyPath }
    }

    /// The facts of a key and of all keys below it.
    ///
    /// A worker may be named in place of its number (`workers.NAME.timeout`, `workers[NAME].timeout`), and
    /// `workers[].timeout` means that of each worker.
    /// - Returns: empty if there is no such key.
    public func facts(at key: String) -> [ConfigurationFact] {
        let path = ConfigurationKeyLookup(self).path(of: key)
        let exact = facts.filter { Self.isAt($0.keyPath, path) }
        return exact.isEmpty ? facts.filter { Self.isAt($0.schemaPath, path) } : exact
    }

    /// The key that a misspelt one most likely meant; nil if none is near.
    public func nearestKey(to key: String) -> String? {
        ConfigurationKeyLookup(self).nearest(to: key)
    }

    private static func isAt(_ path: String, _ parent: String) -> Bool {
        guard path.hasPrefix(parent) else { return false }
        return path.count == parent.count || [".", "["].contains(path.dropFirst(parent.count).first)
    }
}
