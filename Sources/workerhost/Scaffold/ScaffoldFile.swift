/// A file that is to be made: its path from some folder, and its text.
struct ScaffoldFile {
    let path: String
    let text: String

    /// A file.
    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
    }
}
