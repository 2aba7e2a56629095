import CCurl

extension HTTPError {
    /// What a code of libcurl means.
    /// - Parameters:
    ///   - detail: libcurl's own words about this very call.
    ///   - wasSent: whether a part of the request has left this machine.
    init(_ curl: CURLcode, detail: String, url: String, wasSent: Bool) {
        let (code, message) = Self.meaning(curl, detail)
        self.init(code, url: url, message: message, wasSent: wasSent)
    }

    private static func meaning(_ curl: CURLcode, _ detail: String) -> (Code, String) {
        let detail = detail.isEmpty ? String(cString: curl_easy_strerror(curl)) : detail
        switch curl {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return (
                .cannotResolve,
                "the name cannot be resolved (\(detail)): correct the address, or look at the name service"
            )
        case CURLE_COULDNT_CONNECT:
            return (.cannotConnect, "no connection (\(detail)): is the server running, and is the port right?")
        case CURLE_OPERATION_TIMEDOUT:
            return (
                .timedOut,
                "no answer in time (\(detail)): the server is too slow or cannot be reached; 'timeout' says how "
                    + "long it is waited for"
            )
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            return (
                .closedEarly,
                "the connection ended before the answer was complete (\(detail)): the server or a proxy before "
                    + "it was stopped, or closed it"
            )
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING:
            return (.malformed, "what came is no HTTP (\(detail)): is it the right port?")
        case CURLE_PROXY: return (.cannotConnect, "the proxy refuses: \(detail)")
        case CURLE_OUT_OF_MEMORY: return (.failed, "libcurl is out of memory")
        case let code where Self.tlsCodes.contains(code.rawValue):
            return (.tls, Self.tlsText(curl, detail))
        default:
            return (.failed, "the call failed: \(detail) (libcurl's code \(curl.rawValue))")
        }
    }

    private static let tlsCodes: Set<UInt32> = Set(
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS,
        ].map(\.rawValue) + [98])  // 98: the server wants a client certificate; not in every version's header.

    private static func tlsText(_ curl: CURLcode, _ detail: String) -> String {
        switch curl {
        case CURLE_PEER_FAILED_VERIFICATION:
            "the server's certificate is not trusted (\(detail)): name its authority in ca_file, or correct the "
                + "address"
        case CURLE_SSL_CACERT_BADFILE: "ca_file cannot be used (\(detail)): it must hold certificates in PEM form"
        case CURLE_SSL_CERTPROBLEM:
            "client_certificate or client_key cannot be used (\(detail)): both must be in PEM form and belong together"
        default: "no encrypted connection (\(detail)): does the server speak TLS on this port?"
        }
    }
}
