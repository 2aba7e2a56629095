import Testing

@testable import WorkerHostCore

@Suite struct RegistryTests {
    private func worker(_ name: String, _ types: String...) -> WorkerConfiguration {
        WorkerConfiguration(name: name, projectPath: "/tmp", command: ["true"], taskTypes: types)
    }

    @Test func exactThenLongestPrefixThenEverything() throws {
        let registry = try WorkerRegistry([
            worker("all", "*"), worker("you", "YouTube.*"), worker("shorts", "YouTube.Shorts.*"),
            worker("one", "YouTube.Shorts.Scrape"), worker("two", "YouTube.Shorts.Scrape"),
        ])
        func names(_ type: String) -> [String] { registry.workers(for: type).map(\.name) }
        #expect(names("YouTube.Shorts.Scrape") == ["one", "two"])
        #expect(names("YouTube.Shorts.Other") == ["shorts"])
        #expect(names("YouTube.Channel") == ["you"])
        #expect(names("YouTube") == ["all"])
        #expect(registry.worker(for: "Reddit")?.name == "all")
        #expect(registry.configuration(named: "you")?.taskTypes == ["YouTube.*"])
    }

    @Test func aWorkerIsRegisteredOnce() throws {
        let registry = try WorkerRegistry([worker("a", "A")])
        let error = #expect(throws: RegistryError.self) { try registry.register(worker("a", "B")) }
        #expect(error?.description == "A worker named 'a' is registered already: names must be unique.")
        #expect(registry.workers(for: "B").isEmpty)
    }

    @Test(arguments: ["", "A*", "*.A", "!A", "A B", "A.*.*"])
    func malformedSelectorsAreRefused(_ selector: String) {
        #expect(throws: RegistryError.self) { try WorkerRegistry([worker("a", selector)]) }
    }

    @Test func selectionsExclude() {
        let selection = TaskTypeSelection(["A.*", "B", "!A.C", "!A.D.*"])
        #expect(selection.matches("A.B") && selection.matches("B"))
        #expect(!selection.matches("A.C") && !selection.matches("A.D.E") && !selection.matches("C"))
    }

    @Test func theNextWorkerTakesOverWhileTheFirstIsUnhealthy() {
        func assigned(_ healthy: Bool...) -> [[String]] {
            let candidates = zip([["A", "P.*"], ["A"], ["P.X", "P.Q.*"]], healthy).map {
                TypeAssignment.Candidate(selectors: $0, isHealthy: $1)
            }
            return candidates.indices.map { TypeAssignment.selectors(for: $0, among: candidates) }
        }
        #expect(assigned(true, true, true) == [["A", "P.*", "!P.X", "!P.Q.*"], [], ["P.X", "P.Q.*"]])
        #expect(assigned(false, true, true) == [["A", "P.*", "!P.X", "!P.Q.*"], ["A"], ["P.X", "P.Q.*"]])
    }
}
