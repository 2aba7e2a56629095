/// A key of the configuration file and the keys below it.
struct KeySpec: Sendable {
    /// What stands below a key.
    enum Shape: Sendable {
        case scalar
        /// A list of texts.
        case texts
        /// A list of mappings with these keys.
        case list([KeySpec])
        /// A mapping with these keys.
        case map([KeySpec])
        /// A mapping with any keys (or, for some, another form of value).
        case free
    }

    let name: String
    let shape: Shape

    init(_ name: String, _ shape: Shape = .scalar) {
        self.name = name
        self.shape = shape
    }

    var children: [KeySpec] {
        switch shape {
        case .list(let keys), .map(let keys): keys
        default: []
        }
    }
}
