import CCurl
import WorkerHostCore

/// A handle of libcurl with all settings of its client, used for one transfer after another.
///
/// Belongs to the client's thread.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private let common: HeaderList
    private let settings: HTTPClientSettings
    private var ownHeaders: HeaderList?
    /// What it carries now.
    private(set) var transfer: Transfer?

    /// nil if there is no memory.
    init?(_ settings: HTTPClientSettings, common: HeaderList, isLoopback: Bool, share: UnsafeMutableRawPointer?) {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        self.settings = settings
        self.common = common
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        configure(isLoopback, share)
    }

    deinit {
        curl_easy_cleanup(pointer)
        errorBuffer.deallocate()
    }

    private func configure(_ isLoopback: Bool, _ share: UnsafeMutableRawPointer?) {
        whc_set_long(pointer, CURLOPT_NOSIGNAL, 1)
        whc_set_long(pointer, CURLOPT_FOLLOWLOCATION, 0)
        whc_set_long(pointer, CURLOPT_NOPROGRESS, 1)
        whc_set_long(pointer, CURLOPT_TCP_KEEPALIVE, 1)
        whc_set_long(pointer, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        whc_set_long(pointer, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(settings.connectTimeout))
        whc_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorBuffer)
        whc_set_text(pointer, CURLOPT_USERAGENT, "workerhost")
        if let share { whc_set_pointer(pointer, CURLOPT_SHARE, share) }
        // A proxy that the environment names does not lead to this machine.
        if let proxy = settings.proxy?.revealed ?? (isLoopback ? "" : nil) {
            whc_set_text(pointer, CURLOPT_PROXY, proxy)
        }
        if let file = settings.caFile { whc_set_text(pointer, CURLOPT_CAINFO, file) }
        if let file = settings.clientCertificate { whc_set_text(pointer, CURLOPT_SSLCERT, file) }
        if let file = settings.clientKey { whc_set_text(pointer, CURLOPT_SSLKEY, file) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        whc_set_write(pointer, { EasyHandle.write($0, $1 * $2, $3) }, context)
        whc_set_header(pointer, { EasyHandle.header($0, $1 * $2, $3) }, context)
        whc_set_pointer(pointer, CURLOPT_PRIVATE, context)
    }

    /// Prepares the handle for a transfer.
    func load(_ transfer: Transfer) {
        self.transfer = transfer
        transfer.mostBytes = settings.maxResponseBytes
        errorBuffer[0] = 0
        whc_set_text(pointer, CURLOPT_URL, transfer.url)
        whc_set_long(
            pointer, CURLOPT_TIMEOUT_MS, Self.milliseconds(transfer.request.timeout ?? settings.timeout))
        ownHeaders = transfer.request.headers.isEmpty ? nil : HeaderList(common.lines + transfer.request.headers)
        whc_set_headers(pointer, (ownHeaders ?? common).pointer)
        switch transfer.request.method {
        case .get: whc_set_long(pointer, CURLOPT_HTTPGET, 1)
        case .post:
            whc_set_long(pointer, CURLOPT_POST, 1)
            let body = transfer.request.body
            body.withUnsafeBytes { bytes in
                _ = whc_set_bytes(pointer, bytes.baseAddress ?? UnsafeRawPointer(errorBuffer), body.count)
            }
        }
    }

    /// Takes the transfer out; the handle is free then.
    func unload() -> Transfer? {
        defer {
            transfer = nil
            ownHeaders = nil
        }
        return transfer
    }

    /// libcurl's words about the last error.
    var errorDetail: String { String(cString: errorBuffer) }

    var status: Int { whc_get_long(pointer, CURLINFO_RESPONSE_CODE) }

    /// How many bytes of requests were sent for the transfer.
    var sentBytes: Int { whc_get_long(pointer, CURLINFO_REQUEST_SIZE) }

    /// Whether that is clearly more than one request has.
    var wasSentTwice: Bool {
        guard let transfer, transfer.redirects == 0 else { return false }
        let headers = (ownHeaders ?? common).lines.reduce(0) { $0 + $1.utf8.count + 2 }
        return sentBytes > (headers + transfer.url.utf8.count + 60 + transfer.request.body.count) * 3 / 2
    }

    /// Where the answer points to, made absolute by libcurl; nil if it does not.
    var redirectURL: String? { whc_get_text(pointer, CURLINFO_REDIRECT_URL).map { String(cString: $0) } }

    /// The handle that libcurl tells of.
    static func of(_ pointer: UnsafeMutableRawPointer) -> EasyHandle? {
        guard let context = whc_get_text(pointer, CURLINFO_PRIVATE) else { return nil }
        return Unmanaged<EasyHandle>.fromOpaque(UnsafeRawPointer(context)).takeUnretainedValue()
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        Int(max(1, min(duration.wholeMicroseconds / 1000, Int64(Int32.max))))
    }

    private static func write(
        _ data: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?
    ) -> Int {
        guard let data, let context else { return 0 }
        let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        return data.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
            handle.transfer?.append(UnsafeBufferPointer(start: bytes, count: count)) == true ? count : 0
        }
    }

    private static func header(
        _ data: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?
    ) -> Int {
        guard let data, let context else { return count }
        let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        data.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
            handle.transfer?.header(UnsafeBufferPointer(start: bytes, count: count))
        }
        return count
    }
}
