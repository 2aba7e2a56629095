/// The address of an HTTP server that the host sends tasks, results or keys to, checked before anything is sent.
public struct ServerAddress: Sendable, Hashable {
    /// `https` or `http`.
    public let scheme: String
    /// A name or an address, in lower case, without the brackets of an IPv6 address.
    public let host: String
    /// The port, also where the text names none.
    public let port: Int
    /// The whole address without slashes at its end: paths are put behind it.
    public let text: String

    /// Reads an address.
    /// - Throws: ``ServerAddressError``.
    public init(_ text: String) throws(ServerAddressError) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw ServerAddressError("an address holds no spaces and no control characters: write them as %20")
        }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw ServerAddressError("this is no address: write https://HOST or https://HOST:PORT/PATH")
        }
        scheme = text[..<colon].lowercased()
        guard scheme == "https" || scheme == "http" else {
            throw ServerAddressError("'\(scheme)' is no scheme that can be used here: write https://…")
        }
        let rest = text[colon...].dropFirst(3)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else {
            throw ServerAddressError(
                "a user and password in an address end up in logs: take them out (task_manager.api_key is for keys)")
        }
        guard !rest[end...].contains("#"), !rest[end...].contains("?") else {
            throw ServerAddressError("an address ends before '?' and '#': take out what follows")
        }
        (host, port) = try Self.place(authority, scheme)
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        self.text = text
    }

    private static func place(
        _ authority: Substring, _ scheme: String
    ) throws(ServerAddressError) -> (host: String, port: Int) {
        var name = authority
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else {
                throw ServerAddressError("the ']' of the IPv6 address is missing")
            }
            name = authority[authority.index(after: authority.startIndex)..<close]
            let tail = authority[authority.index(after: close)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw ServerAddressError("after the ']' of an IPv6 address only a port can follow: ']:8080'")
            }
            if !tail.isEmpty { portText = tail.dropFirst() }
        } else if let colon = authority.firstIndex(of: ":") {
            name = authority[..<colon]
            portText = authority[authority.index(after: colon)...]
        }
        guard !name.isEmpty else { throw ServerAddressError("the host's name is missing: write \(scheme)://HOST") }
        var port = scheme == "https" ? 443 : 80
        if let portText {
            guard let number = Int(portText), (1...65_535).contains(number) else {
                throw ServerAddressError("'\(portText)' is no port: write a number from 1 to 65535")
            }
            port = number
        }
        return (name.lowercased(), port)
    }

    /// Whether what is sent is encrypted on its way.
    public var isEncrypted: Bool { scheme == "https" }

    /// Whether the server is this machine.
    public var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Throws unless what is sent is encrypted, stays on this machine, or may be read by others on purpose.
    /// - Throws: ``ServerAddressError``.
    public func check(allowsInsecure: Bool) throws(ServerAddressError) {
        if isEncrypted || isLoopback || allowsInsecure { return }
        throw ServerAddressError(
            "over http:// everybody between this machine and '\(host)' can read keys and tasks: write https://…, or set "
                + "allow_insecure: true if the network itself is safe")
    }
}

extension ServerAddress: CustomStringConvertible {
    /// The address.
    public var description: String { text }
}

/// Why an address cannot be used.
public struct ServerAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to do.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
