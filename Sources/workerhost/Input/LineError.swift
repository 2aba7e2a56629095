/// What is wrong with one line, for people.
struct LineError: Error {
    /// The text.
    let message: String

    /// An error.
    init(_ message: String) { self.message = message }
}
