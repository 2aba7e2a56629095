public import WorkerHostCore

/// Looks at a TaskManager's REST API for the ``/WorkerHostCore/Doctor``: claims nothing, registers nothing.
public struct HTTPDiagnostician: TaskManagerDiagnostician {
    private static let subject = "task manager"

    /// The doctor waits for all of it no longer than for any look.
    private static let patience = Duration.seconds(4)

    /// A diagnostician.
    public init() {}

    /// Whether the API answers, takes the key, and knows the types.
    public func examine(_ configuration: HostConfiguration, machine: MachineView) async -> TaskManagerFindings {
        let manager = configuration.taskManager
        let client: HTTPClient
        var settings = HTTPClientSettings(manager)
        settings.timeout = min(settings.timeout, Self.patience)
        settings.connectTimeout = min(settings.connectTimeout, Self.patience)
        do {
            client = try HTTPClient(try ServerAddress(manager.url ?? ""), settings)
        } catch {
            return TaskManagerFindings([
                problem("settings", "\(error)", "Correct task_manager.url and the keys beside it.")
            ])
        }
        let findings = await examine(configuration, client)
        await client.close()
        return TaskManagerFindings(findings)
    }

    private func examine(_ configuration: HostConfiguration, _ client: HTTPClient) async -> [Diagnosis] {
        let url = client.address.text
        var findings: [Diagnosis] = []
        let start = MonotonicTime.now
        do throws(HTTPError) {
            let response = try await client.send(.get(APIPath.health))
            switch Judge.verdict(.health, response) {
            case .done:
                let took = start.duration(to: .now)
                findings.append(
                    Diagnosis(
                        .ok, id: "task_manager.reach", subject: Self.subject, "\(url) answers",
                        facts: ["url": .text(url), "seconds": .seconds(took.inSeconds)]))
            case .wrongAddress(let words), .refused(let words):
                return [
                    problem(
                        "reach", "\(url) answers, but there is no such API: \(words)",
                        "Correct task_manager.url: it is the API's address with its path, mostly ending in /api.")
                ]
            case let verdict:
                findings.append(
                    problem(
                        "reach", "\(url) is not well: \(HTTPTaskManagerAPI.words(verdict, ""))",
                        "Look at the TaskManager and its database."))
            }
        } catch {
            return [problem("reach", "\(error)", Self.advice(error))]
        }
        return findings + (await types(configuration, client))
    }

    private func types(_ configuration: HostConfiguration, _ client: HTTPClient) async -> [Diagnosis] {
        let names = configuration.workers.flatMap(\.taskTypes).reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        let answers = await client.send(names.map { .get(APIPath.type($0)) })
        var unknown: [String] = []
        for answer in answers.enumerated() {
            guard case .success(let response) = answer.element else {
                return [problem("types", "the task types cannot be looked up", "Look at the TaskManager's log.")]
            }
            switch Judge.verdict(.readType, response) {
            case .done(let data):
                let isKnown = response.body.withUnsafeBufferPointer { bytes in
                    data.map { JSONBytes.single($0, bytes) != nil } ?? false
                }
                if !isKnown { unknown.append(names[answer.offset]) }
            case .refused where APIPath.hidesName(ofType: names[answer.offset]),
                .wrongAddress where APIPath.hidesName(ofType: names[answer.offset]):
                unknown.append(names[answer.offset])
            case .unauthorized(let words):
                let hasKey = configuration.taskManager.apiKey != nil
                return [
                    problem(
                        "key", "the key is refused: \(words)",
                        hasKey
                            ? "Correct task_manager.api_key: it is the TaskManager's API_KEY."
                            : "Set task_manager.api_key, best as ${TASKMANAGER_API_KEY}.")
                ]
            case let verdict:
                return [
                    problem(
                        "types", HTTPTaskManagerAPI.words(verdict, names[answer.offset]),
                        "Look at the TaskManager's log.")
                ]
            }
        }
        return [Diagnosis(.ok, id: "task_manager.key", subject: Self.subject, "takes the key")]
            + knownTypes(unknown, of: names, configuration)
    }

    private func knownTypes(
        _ unknown: [String], of names: [String], _ configuration: HostConfiguration
    ) -> [Diagnosis] {
        let registered = Set(HTTPTaskManager.Options(configuration).registrations.map(\.name))
        let missing = unknown.filter { !registered.contains($0) }
        let hidden = missing.contains { APIPath.hidesName(ofType: $0) } ? " Mind that \(APIPath.hiddenName)." : ""
        guard !missing.isEmpty else {
            let later = unknown.count
            return [
                Diagnosis(
                    .ok, id: "task_manager.types", subject: Self.subject,
                    later == 0 ? "knows all task types" : "knows all task types but \(later), which the host registers",
                    facts: ["types": .list(names)])
            ]
        }
        return [
            Diagnosis(
                .warning, id: "task_manager.types", subject: Self.subject,
                "does not know \(missing.map { "'\($0)'" }.joined(separator: ", "))",
                advice: "Register them there, or give their workers a schema and set task_manager.register_task_types: "
                    + "true. Until then the host looks for them now and then.\(hidden)",
                facts: ["unknown": .list(missing)])
        ]
    }

    private func problem(_ id: String, _ message: String, _ advice: String) -> Diagnosis {
        Diagnosis(.problem, id: "task_manager.\(id)", subject: Self.subject, message, advice: advice)
    }

    private static func advice(_ error: HTTPError) -> String {
        switch error.code {
        case .cannotResolve: "Correct the host in task_manager.url, or look at /etc/resolv.conf."
        case .cannotConnect:
            "Start the TaskManager, or correct the port in task_manager.url; a firewall may be between."
        case .tls: "Name the certificate's authority in task_manager.ca_file; 'openssl s_client -connect' shows more."
        case .timedOut: "Look at the network and at the TaskManager's load, or raise task_manager.timeout."
        default: "Look at the TaskManager and at proxies before it (HTTPS_PROXY, NO_PROXY, task_manager.proxy)."
        }
    }
}
