/// Why the server cannot start or go on; the text says what to do.
struct ServerError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
