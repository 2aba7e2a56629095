/// A worker that is a service behind a URL (`type: http`), in place of a process.
public struct RemoteWorkerConfiguration: Sendable, Hashable {
    /// Where tasks are sent to, by POST.
    public var url: String
    /// Sent with every task; values may be secrets.
    public var headers: [String: Secret]
    /// Whether plain `http://` to another machine is on purpose.
    public var allowsInsecure: Bool

    /// A service.
    public init(url: String, headers: [String: Secret] = [:], allowsInsecure: Bool = false) {
        self.url = url
        self.headers = headers
        self.allowsInsecure = allowsInsecure
    }
}
