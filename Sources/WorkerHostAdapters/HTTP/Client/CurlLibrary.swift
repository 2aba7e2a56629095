import CCurl

/// libcurl's own preparation, once per process.
enum CurlLibrary {
    private static let code: CURLcode = whc_global_init()

    /// - Throws: ``HTTPError`` if libcurl cannot be used.
    static func prepare() throws(HTTPError) {
        guard code == CURLE_OK else {
            throw HTTPError(
                .settings, url: "",
                message: "libcurl cannot be prepared: \(String(cString: curl_easy_strerror(code)))")
        }
    }
}
