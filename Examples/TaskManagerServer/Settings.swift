import Logging

/// How the server behaves.
struct Settings: Sendable {
    var face = Face.documented
    /// nil: no key is asked for.
    var apiKey: String?
    /// The largest request body, in bytes.
    var largestBody = 16 << 20
    /// How long each request waits before anything is done.
    var delay: Duration?
    var logger = Logger(label: "taskmanagerserver")
}
