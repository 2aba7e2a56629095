import Testing
import WorkerHostCore

/// A TaskManager behind an API, and workers that are services.
@Suite struct RemoteTests {
    private func explain(_ text: String, environment: [String: String] = [:]) -> ConfigurationExplanation {
        ConfigurationLoader(environment: environment, taskManagers: [.sqlite, .http])
            .explain(text: text, name: "host.yaml", baseDirectory: "/srv/app")
    }

    private func remote(_ manager: String = "", worker: String = "") -> String {
        "task_manager:\n  type: http\n  url: https://tasks.example.org/api\n\(manager)"
            + "workers:\n  - name: a\n    command: [x]\n    task_types: [A]\n\(worker)"
    }

    @Test func theDefaults() throws {
        let configuration = try #require(explain(remote()).configuration)
        #expect(configuration.taskManager.kind == .http && configuration.taskManager.claimTimeout == .seconds(300))
        #expect(configuration.taskManager.connection == TaskManagerConfiguration.Connection())
        #expect(configuration.workers[0].timeout == .seconds(240), "there is time left to report")
        #expect(explain(remote())["workers[0].timeout"]?.origin == .standard(from: "task_manager.claim_timeout"))
        #expect(explain(remote()).warnings.isEmpty)
        #expect(try #require(explain(minimal()).configuration).workers[0].timeout == .seconds(300))
    }

    @Test func allKeys() throws {
        let manager = """
              api_key: hunter2
              allow_insecure: true
              ca_file: ca.pem
              client_certificate: c.pem
              client_key: k.pem
              proxy: http://u:hunter3@proxy:3128
              register_task_types: true
              retries: task_manager

            """
        let explanation = explain(remote(manager))
        let connection = try #require(explanation.configuration).taskManager.connection
        #expect(connection.allowsInsecure && connection.registersTaskTypes)
        #expect(connection.caFile == "/srv/app/ca.pem" && connection.clientCertificate == "/srv/app/c.pem")
        #expect(connection.clientKey == "/srv/app/k.pem" && connection.proxy?.revealed == "http://u:hunter3@proxy:3128")
        #expect(explanation.warnings.isEmpty)
        #expect(explanation.facts.allSatisfy { !$0.text.contains("hunter") })
        #expect(!"\(try #require(explanation.configuration))".contains("hunter"))
    }

    @Test(arguments: [
        ("    timeout: 298\n", "workers[0].timeout"), ("    timeout: 300\n", "workers[0].timeout"),
        ("    timeout: 200\n    max_retries: 10\n", "workers[0].max_retries"),
        ("    timeout: 30\n    retry_backoff: 4m\n", "workers[0].timeout"),
    ])
    func whatDoesNotFitIntoAClaimIsWarnedOf(_ worker: String, _ key: String) {
        let explanation = explain(remote(worker: worker))
        #expect(explanation.errors == [] && explanation.warnings.map(\.keyPath) == [key])
        #expect(explanation.warnings.allSatisfy { $0.message.contains("task_manager.claim_timeout (300s)") })
    }

    @Test func retriesOfTheTaskManagerNeedNoRoom() {
        let explanation = explain(
            remote("  retries: task_manager\n", worker: "    timeout: 200\n    max_retries: 10\n"))
        #expect(explanation.warnings.isEmpty)
    }

    @Test func keysThatDoNotBelongHere() {
        #expect(
            explain(remote("  path: q.sqlite\n  durability: power\n")).warnings.map(\.keyPath)
                == ["task_manager.path", "task_manager.durability"])
        let local = minimal().replacing("type: sqlite", with: "type: sqlite\n  ca_file: x\n  url: https://x")
        #expect(explain(local).warnings.map(\.keyPath) == ["task_manager.ca_file", "task_manager.url"])
    }

    @Test func aWorkerThatIsAService() throws {
        let text = """
            task_manager: {type: sqlite}
            workers:
              - name: a
                type: http
                url: https://w.example.org/run
                headers: {Authorization: "Bearer ${TOKEN}", X-Number: 7}
                task_types: ["A.*"]
            """
        let explanation = explain(text, environment: ["TOKEN": "hunter2"])
        let worker = try #require(explanation.configuration).workers[0]
        #expect(worker.remote?.url == "https://w.example.org/run")
        #expect(worker.remote?.headers["Authorization"]?.revealed == "Bearer hunter2")
        #expect(worker.remote?.headers["X-Number"]?.revealed == "7")
        #expect(worker.commandLine == ["POST", "https://w.example.org/run"])
        #expect(explanation.warnings.isEmpty && explanation.facts.allSatisfy { !$0.text.contains("hunter") })
        #expect(!"\(worker)".contains("hunter"))
        #expect(PathPolicy().check(worker).isEmpty)
        let loopback = text.replacing("https://w.example.org", with: "http://127.0.0.1:81")
        #expect(explain(loopback, environment: ["TOKEN": "x"]).errors == [])
    }

    @Test func keysOfProcessesAreNotForServices() {
        let text = """
            task_manager: {type: sqlite}
            workers:
              - {name: a, type: http, url: "https://w.example.org", command: [x], task_types: [A]}
              - {name: b, url: "https://w.example.org", command: [x], task_types: [B]}
            """
        #expect(explain(text).warnings.map(\.keyPath) == ["workers[0].command", "workers[1].url"])
    }
}
