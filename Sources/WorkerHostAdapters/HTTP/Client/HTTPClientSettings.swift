public import WorkerHostCore

/// How an HTTP server is called.
public struct HTTPClientSettings: Sendable, Hashable {
    /// Sent in the header `X-API-Key`, and nowhere else.
    public var apiKey: Secret?
    /// Further headers of every request; a value may be a secret.
    public var headers: [String: Secret]
    /// Whether plain `http://` to other machines is on purpose.
    public var allowsInsecure: Bool
    /// Certificates in PEM form to trust in place of the system's; absolute.
    public var caFile: String?
    /// The client's certificate in PEM form; absolute.
    public var clientCertificate: String?
    /// The certificate's private key in PEM form; absolute.
    public var clientKey: String?
    /// A proxy in place of the one that the environment names; it may hold a password. Empty for none.
    public var proxy: Secret?
    /// The longest a call may take from its start to the last byte.
    public var timeout: Duration
    /// The longest to wait for a connection.
    public var connectTimeout: Duration
    /// Most bytes of an answer.
    public var maxResponseBytes: Int
    /// Most calls at once; the others wait for their turn.
    public var maxConcurrent: Int

    /// Settings.
    public init(
        apiKey: Secret? = nil, headers: [String: Secret] = [:], allowsInsecure: Bool = false, caFile: String? = nil,
        clientCertificate: String? = nil, clientKey: String? = nil, proxy: Secret? = nil,
        timeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(10), maxResponseBytes: Int = 64 << 20,
        maxConcurrent: Int = 32
    ) {
        self.apiKey = apiKey
        self.headers = headers
        self.allowsInsecure = allowsInsecure
        self.caFile = caFile
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.proxy = proxy
        self.timeout = timeout
        self.connectTimeout = min(connectTimeout, timeout)
        self.maxResponseBytes = maxResponseBytes
        self.maxConcurrent = max(1, maxConcurrent)
    }
}
