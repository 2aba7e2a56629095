import Testing

@testable import WorkerHostCore

@Suite struct ReloadPlanTests {
    private func worker(_ name: String, timeout: Duration = .seconds(10)) -> WorkerConfiguration {
        WorkerConfiguration(
            name: name, projectPath: "/tmp", command: ["/bin/true"], taskTypes: [name], timeout: timeout,
            concurrency: 1)
    }

    private func host(_ workers: [WorkerConfiguration]) -> HostConfiguration {
        HostConfiguration(
            taskManager: TaskManagerConfiguration(kind: .sqlite, apiKey: Secret("first")), workers: workers,
            stateDirectory: "/state")
    }

    @Test func nothingChanges() {
        let configuration = host([worker("a"), worker("b")])
        let plan = ReloadPlan(from: configuration, to: configuration)
        #expect(plan.isEmpty && plan.lines.isEmpty)
    }

    @Test func workersAreComparedByName() {
        let plan = ReloadPlan(
            from: host([worker("gone"), worker("same"), worker("other")]),
            to: host([worker("same"), worker("other", timeout: .seconds(30)), worker("new")]))
        #expect(plan.names(.added) == ["new"] && plan.names(.removed) == ["gone"])
        #expect(plan.names(.changed) == ["other"] && !plan.reordersWorkers)
        #expect(
            plan.lines == [
                "worker 'other' is changed: timeout: 10s -> 30s; what runs is finished as it was begun",
                "worker 'new' is added",
                "worker 'gone' is removed: what runs is finished, its types are no longer leased",
            ])
    }

    @Test func theOrderOfWorkersMatters() {
        let plan = ReloadPlan(from: host([worker("a"), worker("b")]), to: host([worker("b"), worker("a")]))
        #expect(plan.workers.isEmpty && plan.reordersWorkers && !plan.isEmpty)
        #expect(plan.lines == ["workers of the same types are tried in another order"])
    }

    @Test func whatOnlyPeopleReadReplacesNothing() {
        var described = worker("a")
        described.description = "new words"
        described.metadata = RawJSON(unchecked: Array(#"{"team":"x"}"#.utf8))
        let plan = ReloadPlan(from: host([worker("a")]), to: host([described]))
        #expect(plan.names(.changed) == ["a"])
        #expect(plan.workers.first?.replacesWorker == false)
        described.timeout = .seconds(1)
        #expect(ReloadPlan(from: host([worker("a")]), to: host([described])).workers.first?.replacesWorker == true)
    }

    @Test func settingsOfTheHostTakeEffectNowOrAtTheNextStart() {
        var new = host([])
        new.shutdownTimeout = .seconds(60)
        new.logging.level = .debug
        new.logging.file = "/log"
        new.taskManager.claimTimeout = .seconds(90)
        new.stateDirectory = "/other"
        let plan = ReloadPlan(from: host([]), to: new)
        #expect(plan.settings.map(\.description) == ["shutdown_timeout: 30s -> 60s", "logging.level: INFO -> DEBUG"])
        #expect(
            plan.atNextStart.map(\.description) == [
                "state_dir: /state -> /other", "task_manager.claim_timeout: 30s -> 90s", "logging.file: none -> /log",
            ])
        #expect(plan.lines.last == "logging.file: none -> /log (not before the host is started again)")
    }

    @Test func secretsAreNotShown() {
        var old = worker("a"), new = worker("a")
        old.environment = ["KEY": "hunter2", "GONE": "hunter3"]
        new.environment = ["KEY": "hunter4", "NEW": "hunter5"]
        var host = host([new])
        host.taskManager.apiKey = Secret("hunter6")
        let lines = ReloadPlan(from: self.host([old]), to: host).lines.joined(separator: "\n")
        #expect(!lines.contains("hunter") && !lines.contains("first"))
        #expect(lines.contains("environment.KEY: *** -> ***") && lines.contains("environment.NEW: none -> ***"))
        #expect(lines.contains("environment.GONE: *** -> none"))
        #expect(lines.contains("task_manager.api_key: *** -> ***"))
    }

    /// A setting that is added to a type must be compared, too: whoever adds one finds this test.
    @Test func everySettingIsCompared() {
        func count(_ value: Any) -> Int { Mirror(reflecting: value).children.count }
        let host = host([])
        #expect(count(worker("a")) == 24, "see WorkerConfiguration.settings")
        #expect(count(worker("a").limits) == 4, "see WorkerConfiguration.settings")
        #expect(count(host) == 9, "see HostConfiguration.liveSettings and fixedSettings")
        #expect(count(host.taskManager) == 14, "see HostConfiguration.fixedSettings")
        #expect(count(host.taskManager.keep) == 4, "see HostConfiguration.fixedSettings")
        #expect(count(host.logging) == 7, "see HostConfiguration.fixedSettings")
        #expect(count(host.monitoring) == 4, "see HostConfiguration.fixedSettings")
        #expect(count(host.security) == 2, "see HostConfiguration.liveSettings")
        #expect(count(host.workerPool) == 4, "see HostConfiguration.fixedSettings")
    }
}
