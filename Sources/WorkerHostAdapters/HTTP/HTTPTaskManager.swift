public import Logging
public import WorkerHostCore

/// The TaskManager behind a REST API.
///
/// Claims by polling, one claim for one type and call, each under a text of its own; reports outcomes, and survives the
/// API's ways. Nothing prolongs a claim: a lease ends ``Options/claimTimeout`` after its claim was sent. Nothing gives a
/// task back: one that was not started stays with this host while its claim holds, and comes to whoever claims it
/// after that.
public final class HTTPTaskManager: TaskManagerAdapter {
    /// How the API is used.
    public struct Options: Sendable, Hashable {
        /// How the server is called.
        public var client: HTTPClientSettings
        /// The longest wait between two looks for work.
        public var pollInterval: Duration
        /// When the server takes a claim back; its `TASK_CLAIM_TIMEOUT`.
        public var claimTimeout: Duration
        /// The first wait after a failed claim.
        public var retryBackoff: Duration
        /// Types that are registered before they are claimed.
        public var registrations: [TaskTypeRegistration]

        /// Options.
        public init(
            client: HTTPClientSettings = HTTPClientSettings(), pollInterval: Duration = .seconds(5),
            claimTimeout: Duration = .seconds(300), retryBackoff: Duration = .seconds(1),
            registrations: [TaskTypeRegistration] = []
        ) {
            self.client = client
            self.pollInterval = pollInterval
            self.claimTimeout = claimTimeout
            self.retryBackoff = retryBackoff
            self.registrations = registrations
        }
    }

    private let options: Options
    private let client: HTTPClient
    private let pace: Pace
    private let logger: Logger
    /// nil until the host starts.
    private let desk = Guarded<ClaimDesk?>(nil)

    /// An adapter for one server; nothing is sent before the host starts.
    /// - Parameter address: the API's, with its path: `https://taskmanager.example/api`.
    /// - Throws: ``HTTPError`` if the server may not be called like this.
    public init(_ address: ServerAddress, options: Options = Options(), logger: Logger) throws(HTTPError) {
        self.options = options
        self.logger = logger
        client = try HTTPClient(address, options.client)
        pace = Pace(client, most: options.client.maxConcurrent)
    }

    /// None: the server hands a failed task out again at once, and as often as it likes.
    public var abilities: TaskManagerAbilities { [] }

    /// Prepares the texts under which this host claims.
    /// - Throws: ``HTTPTaskManagerError`` if a selector names no single type.
    public func start(_ host: HostIdentity) async throws {
        _ = try Self.names(host.types)
        _ = makeDesk(host.id)
    }

    /// - Throws: ``HTTPTaskManagerError`` if a selector names no single type.
    public func update(_ host: HostIdentity) async throws { _ = try Self.names(host.types) }

    private func makeDesk(_ host: String) -> ClaimDesk {
        let settings = ClaimSettings(
            pollInterval: options.pollInterval, claimTimeout: options.claimTimeout, retryBackoff: options.retryBackoff,
            registrations: Dictionary(options.registrations.map { ($0.name, $0) }) { first, _ in first })
        return desk.withLock { desk in
            if let desk { return desk }
            let new = ClaimDesk(client, settings, pace: pace, logger: logger, host: host)
            desk = new
            return new
        }
    }

    /// Without a host that starts it, for example in a test, the texts are drawn by lot.
    private var currentDesk: ClaimDesk {
        desk.withLock { $0 } ?? makeDesk(String(UInt64.random(in: .min ... .max), radix: 36))
    }

    /// Claims tasks.
    /// - Throws: ``HTTPTaskManagerError`` while the TaskManager does not answer or refuses the key.
    public func receiveTasks(limit: Int, types: [String]) async throws -> [LeasedTask] {
        try await currentDesk.receive(limit: limit, names: try Self.names(types))
    }

    /// Reports outcomes. What is released stays with this host while its claim holds.
    public func complete(_ reports: [TaskReport]) async throws -> [Acknowledgement] {
        let desk = currentDesk
        let workers = desk.beginReports(reports)
        var rounds = ReportRounds(reports, workers: workers, client: client, pace: pace) {
            desk.otherWorker(for: $0, than: $1)
        }
        do {
            let answers = try await rounds.run()
            let told = rounds.workers
            desk.endReports(reports.indices.map { (reports[$0], told[$0], answers[$0]) })
            return answers
        } catch {
            let told = rounds.workers
            desk.endReports(reports.indices.map { (reports[$0], told[$0], nil) })
            throw error
        }
    }

    /// Nothing is sent: the API knows no way. The tasks stay here while their claims hold.
    public func release(_ tasks: [LeasedTask], reason: String) async throws {
        currentDesk.released(tasks)
    }

    /// Passes progress on; what the server refuses is dropped.
    /// - Throws: ``HTTPError`` when the server cannot be reached.
    public func reportProgress(_ progress: [TaskProgress]) async throws {
        let desk = currentDesk
        let results = await client.send(
            progress.map { entry in
                .post(
                    APIPath.progress(entry.taskID),
                    RequestBodies.progress(
                        worker: desk.worker(entry.taskID, entry.lease), percent: entry.percent,
                        message: entry.message))
            })
        var firstError: HTTPError?
        for result in results {
            switch result {
            case .success: return
            case .failure(let error): firstError = firstError ?? error
            }
        }
        if let firstError { throw firstError }
    }

    /// Passes progress on.
    public func reportProgress(taskID: String, lease: Lease, percent: Int, message: String?) async throws {
        try await reportProgress([TaskProgress(taskID: taskID, lease: lease, percent: percent, message: message)])
    }

    /// Whether work can flow: by the age of the last answered claim.
    public func healthCheck() async -> HealthStatus {
        guard let desk = desk.withLock({ $0 }) else { return .healthy }
        let state = desk.state
        if let trouble = state.trouble { return .unhealthy(reason: "the TaskManager does not answer: \(trouble)") }
        guard let last = state.lastAnswer else { return .degraded(reason: "the TaskManager has not answered yet") }
        let age = last.duration(to: .now)
        let limit = max(options.pollInterval * 3, .seconds(30)) + options.client.timeout
        return age > limit
            ? .degraded(reason: "the last answer of the TaskManager is \(Int(age.inSeconds)) s old") : .healthy
    }

    /// Ends the client. Claimed tasks that were not started come to another host when their claims end.
    public func shutdown() async {
        if let desk = desk.withLock({ $0 }) {
            let left = desk.left
            if left.tasks + left.claims > 0 {
                logger.notice(
                    "claimed tasks are left unstarted: the TaskManager hands them out again when their claims have ended",
                    metadata: [
                        "tasks": "\(left.tasks)", "claims without answer": "\(left.claims)",
                        "claim_timeout": "\(Int(options.claimTimeout.inSeconds)) s",
                    ])
            }
        }
        await client.close()
    }

    /// The types that selectors name one by one.
    /// - Throws: ``HTTPTaskManagerError`` for one that names many.
    static func names(_ selectors: [String]) throws(HTTPTaskManagerError) -> [String] {
        var names: [String] = []
        for selector in selectors where !selector.hasPrefix("!") {
            guard TaskTypeSelection.prefix(of: selector) == nil else {
                throw HTTPTaskManagerError(
                    "The TaskManager's API cannot list task types, so '\(selector)' names none: write every type out in "
                        + "task_types.")
            }
            if !names.contains(selector) { names.append(selector) }
        }
        return names
    }
}
