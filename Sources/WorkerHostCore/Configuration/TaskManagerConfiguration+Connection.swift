extension TaskManagerConfiguration {
    /// How a TaskManager behind an API is called.
    public struct Connection: Sendable, Hashable {
        /// Whether plain `http://` to another machine is on purpose.
        public var allowsInsecure: Bool
        /// Certificates in PEM form to trust in place of the system's; absolute.
        public var caFile: String?
        /// The client's certificate in PEM form; absolute.
        public var clientCertificate: String?
        /// The certificate's private key in PEM form; absolute.
        public var clientKey: String?
        /// A proxy in place of the one that the environment names; it may hold a password. Empty for none.
        public var proxy: Secret?
        /// Whether the task types of workers with a schema are registered with the TaskManager.
        public var registersTaskTypes: Bool

        /// A connection with the defaults of the file.
        public init(
            allowsInsecure: Bool = false, caFile: String? = nil, clientCertificate: String? = nil,
            clientKey: String? = nil, proxy: Secret? = nil, registersTaskTypes: Bool = false
        ) {
            self.allowsInsecure = allowsInsecure
            self.caFile = caFile
            self.clientCertificate = clientCertificate
            self.clientKey = clientKey
            self.proxy = proxy
            self.registersTaskTypes = registersTaskTypes
        }
    }
}
