extension JSONObjectText {
    /// Adds a list of texts.
    mutating func texts(_ name: String, _ values: [String]) {
        array(
            name,
            values.map { value in
                var bytes: [UInt8] = []
                Self.append(value, to: &bytes)
                return bytes
            })
    }
}
