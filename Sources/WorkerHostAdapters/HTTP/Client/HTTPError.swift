/// Why a call of an HTTP server had no answer.
///
/// ``description`` says what happened, where and what to do. It never holds a key: addresses are shown without what
/// follows their `?`.
public struct HTTPError: Error, Sendable, CustomStringConvertible {
    /// The cause, for programs.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case cannotResolve, cannotConnect, tls, timedOut, closedEarly, tooLarge, redirected, malformed, cancelled
            case settings, failed
        }

        private let value: Value

        /// The server's name is not known.
        public static let cannotResolve = Code(value: .cannotResolve)
        /// Nothing listens there, or the way there is blocked.
        public static let cannotConnect = Code(value: .cannotConnect)
        /// Encryption could not be agreed on, or the server's certificate is not trusted.
        public static let tls = Code(value: .tls)
        /// There was no answer in time.
        public static let timedOut = Code(value: .timedOut)
        /// The connection ended before the answer was complete.
        public static let closedEarly = Code(value: .closedEarly)
        /// The answer is larger than allowed.
        public static let tooLarge = Code(value: .tooLarge)
        /// The server points at another server, or in a circle.
        public static let redirected = Code(value: .redirected)
        /// What came is no HTTP.
        public static let malformed = Code(value: .malformed)
        /// Nobody waits for the answer any more.
        public static let cancelled = Code(value: .cancelled)
        /// The client cannot be made, or cannot send this.
        public static let settings = Code(value: .settings)
        /// Anything else.
        public static let failed = Code(value: .failed)

        /// The cause's name.
        public var description: String { value.rawValue }
    }

    /// The cause.
    public let code: Code
    /// The address, without what follows its `?`.
    public let url: String
    /// What happened and what to do.
    public let message: String

    /// Whether the same call may succeed later without anybody's doing.
    public var isTransient: Bool { ![.settings, .tls, .redirected, .tooLarge, .cancelled].contains(code) }

    /// Whether the server may have done what it was asked for.
    let mayHaveArrived: Bool

    init(_ code: Code, url: String, message: String, wasSent: Bool? = nil) {
        self.code = code
        mayHaveArrived = wasSent ?? ![.cannotResolve, .cannotConnect, .tls, .settings].contains(code)
        self.url = Self.shown(url)
        self.message = message
    }

    /// What happened, where and what to do.
    public var description: String { url.isEmpty ? message : "\(url): \(message)" }

    /// An address as it may be shown.
    static func shown(_ url: String) -> String {
        let shown = url.prefix { $0 != "?" && $0 != "#" }
        guard let colon = shown.firstIndex(of: ":"), shown[colon...].hasPrefix("://") else { return String(shown) }
        let rest = shown[colon...].dropFirst(3)
        guard let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") else { return String(shown) }
        return shown[...colon] + "//" + rest[rest.index(after: at)...]
    }
}
