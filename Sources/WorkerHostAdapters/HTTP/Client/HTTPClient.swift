import WorkerHostCore

/// Calls one HTTP server, with one thread and a bounded number of connections that are used again.
///
/// Only `https`, but for this machine or on purpose. Redirects are followed on the same server only.
final class HTTPClient: Sendable {
    /// Where the server is.
    let address: ServerAddress
    private let loop: TransferLoop
    private let thread: DedicatedThread

    /// - Throws: ``HTTPError`` if the server may not be called like this, or there is no thread.
    init(_ address: ServerAddress, _ settings: HTTPClientSettings) throws(HTTPError) {
        do throws(ServerAddressError) {
            try address.check(allowsInsecure: settings.allowsInsecure)
        } catch {
            throw HTTPError(.settings, url: address.text, message: error.description)
        }
        try CurlLibrary.prepare()
        self.address = address
        loop = try TransferLoop(address, settings, common: HeaderList(try Self.headers(settings, address)))
        thread = try loop.start()
    }

    deinit { loop.close() }

    /// Sends one request.
    /// - Throws: ``HTTPError``; also when the calling task is cancelled.
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let answers = await send([request])
        guard let answer = answers.first else { throw closedError }
        return try answer.get()
    }

    /// Sends requests at once and waits for all answers, which have the order of the requests. When the calling task is
    /// cancelled what is still under way ends as cancelled.
    func send(_ requests: [HTTPRequest]) async -> [Result<HTTPResponse, HTTPError>] {
        guard !requests.isEmpty else { return [] }
        let waiter = AnswerWaiter(count: requests.count)
        let transfers = requests.enumerated().map {
            Transfer($0.element, to: address, tag: $0.offset, sink: waiter)
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter.wait(continuation)
                if Task.isCancelled || !loop.submit(transfers) {
                    let error = Task.isCancelled ? cancelledError : closedError
                    waiter.ended(requests.indices.map { TransferOutcome(tag: $0, result: .failure(error)) })
                } else if Task.isCancelled {
                    // The cancellation may have come to the thread before the transfers.
                    loop.cancel(transfers.map { ObjectIdentifier($0) })
                }
            }
        } onCancel: {
            loop.cancel(transfers.map { ObjectIdentifier($0) })
        }
    }

    /// Sends requests whose answers are handed to `sink`, on the client's thread, as they come.
    /// - Returns: false if the client is closed; then the sink hears nothing.
    func start(_ requests: [(tag: Int, request: HTTPRequest)], for sink: any TransferSink) -> Bool {
        loop.submit(requests.map { Transfer($0.request, to: address, tag: $0.tag, sink: sink) })
    }

    /// How many calls may be under way at once from now on; never more than the settings allow.
    func setLimit(_ limit: Int) { loop.setLimit(limit) }

    /// Ends what is under way as cancelled, and the thread.
    func close() async {
        loop.close()
        await thread.join()
    }

    private var closedError: HTTPError {
        HTTPError(.cancelled, url: address.text, message: "the client is closed")
    }

    private var cancelledError: HTTPError {
        HTTPError(.cancelled, url: address.text, message: "nobody waits for the answer any more")
    }

    private static func headers(
        _ settings: HTTPClientSettings, _ address: ServerAddress
    ) throws(HTTPError) -> [String] {
        // Without `Expect:` libcurl would wait for a "100 Continue" before it sends a larger body.
        var lines = ["Content-Type: application/json", "Accept: application/json", "Expect:"]
        var named = settings.headers.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
        if let key = settings.apiKey { named.append(("X-API-Key", key)) }
        for (name, value) in named {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }),
                !value.revealed.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
            else {
                throw HTTPError(
                    .settings, url: address.text,
                    message:
                        "the header \(name == "X-API-Key" ? "X-API-Key (api_key)" : "'\(name)'") holds a line end or "
                        + "another character that no header may hold: take it out")
            }
            // libcurl leaves a header without a value out unless it ends with a semicolon.
            lines.append(value.revealed.isEmpty ? "\(name);" : "\(name): \(value.revealed)")
        }
        return lines
    }
}
