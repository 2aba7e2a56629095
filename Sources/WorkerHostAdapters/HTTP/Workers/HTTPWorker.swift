public import Logging
public import WorkerHostCore

/// A worker that is a service: each task is sent to its URL by POST, and the answer is the reply.
///
/// The body is the task as every worker gets it. An answer of 2xx decides by its body, as a reply with exit code 0
/// would; 408, 429 and 5xx, and an answer that did not come, are tried again; every other status is a failure for good.
public final class HTTPWorker: Worker {
    /// The worker's name.
    public let name: String
    private let types: TaskTypeSelection
    private let timeout: Duration
    private let client: Result<HTTPClient, HTTPError>
    private let url: String

    /// A worker with ``/WorkerHostCore/WorkerConfiguration/remote``. One whose address cannot be used fails its tasks.
    public init(_ configuration: WorkerConfiguration, logger: Logger) {
        name = configuration.name
        types = TaskTypeSelection(configuration.taskTypes)
        timeout = configuration.timeout
        url = configuration.remote?.url ?? ""
        client = Self.client(configuration)
        if case .failure(let error) = client {
            logger.error("a worker cannot be called", metadata: ["worker": "\(name)", "error": "\(error)"])
        }
    }

    private static func client(_ configuration: WorkerConfiguration) -> Result<HTTPClient, HTTPError> {
        guard let remote = configuration.remote else {
            return .failure(HTTPError(.settings, url: "", message: "worker '\(configuration.name)' has no url"))
        }
        let settings = HTTPClientSettings(
            headers: remote.headers, allowsInsecure: remote.allowsInsecure, timeout: configuration.timeout,
            maxResponseBytes: configuration.limits.maxReplyBytes, maxConcurrent: configuration.concurrency)
        do throws(ServerAddressError) {
            let address = try ServerAddress(remote.url)
            do throws(HTTPError) { return .success(try HTTPClient(address, settings)) } catch { return .failure(error) }
        } catch {
            return .failure(HTTPError(.settings, url: remote.url, message: error.description))
        }
    }

    /// Whether one of its task types selects the type.
    public func canHandle(_ taskType: String) -> Bool { types.matches(taskType) }

    /// Sends the task and waits for the reply.
    public func process(_ task: WorkerTask) async throws(TaskFailure) -> TaskResult {
        var request = HTTPRequest.post("", ServiceReply.document(of: task))
        if let parent = task.metadata.traceParent, parent.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            request.headers = ["traceparent: \(parent)"]
        }
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.get().send(request)
        } catch {
            throw failure(error)
        }
        if (200..<300).contains(response.status) {
            return try ServiceReply.outcome(response.body, taskID: task.id, worker: name).get()
        }
        throw failure(response, taskID: task.id)
    }

    private func failure(_ error: HTTPError) -> TaskFailure {
        switch error.code {
        case .settings, .cannotResolve, .cannotConnect, .tls:
            TaskFailure(kind: .startFailed, type: "StartFailed", message: "worker '\(name)' cannot be called: \(error)")
        case .timedOut:
            TaskFailure(
                kind: .timeout, type: "Timeout", message: "worker '\(name)' gave no answer: \(error)")
        case .tooLarge:
            TaskFailure(
                kind: .resourceLimit(.replySize), type: "ReplyTooLarge", message: "worker '\(name)': \(error)")
        case .redirected:
            TaskFailure(kind: .permanent, type: "Redirected", message: "worker '\(name)': \(error)")
        default: TaskFailure(kind: .retriable, type: "ConnectionLost", message: "worker '\(name)': \(error)")
        }
    }

    private func failure(_ response: HTTPResponse, taskID: String) -> TaskFailure {
        let status = response.status
        let isRetriable = status == 408 || status == 429 || status >= 500
        var failure =
            ServiceReply.failure(in: response.body, taskID: taskID, worker: name, isRetriable: isRetriable)
            ?? TaskFailure(
                kind: isRetriable ? .retriable : .permanent, type: "HTTP\(status)",
                message: "worker '\(name)' at \(HTTPError.shown(url)) answered \(status)\(Self.words(response.body))")
        if let text = response.retryAfter, let seconds = Double(text), seconds >= 0, seconds.isFinite {
            failure.retryAfter = failure.retryAfter ?? .seconds(min(seconds, 30 * 86_400))
        }
        return failure
    }

    /// The beginning of an answer, in one line.
    private static func words(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(300), as: UTF8.self).split { $0.isWhitespace }.joined(separator: " ")
        return text.isEmpty ? "" : ": \(text)"
    }

    /// Healthy as long as its address can be used: whether the service answers, its tasks tell.
    public func healthCheck() async -> HealthStatus {
        if case .failure(let error) = client { return .unhealthy(reason: "\(error)") }
        return .healthy
    }
}
