import Foundation
import Testing

@testable import WorkerHostCore

/// The checks as an embedder has them.
@Suite struct WorkerConformanceTests {
    private func conformance(
        _ behaviour: String..., timeout: Duration = .seconds(30),
        configure: (inout WorkerConfiguration) -> Void = { _ in }
    ) throws -> WorkerConformance {
        var worker = FaultChild.configuration(behaviour)
        configure(&worker)
        return try WorkerConformance(worker, environment: ["PATH": "/usr/bin:/bin"], timeout: timeout)
    }

    @Test func everyFindingIsToldAndReturned() async throws {
        let told = Guarded<[String]>([])
        let conformance = try conformance("ok")
        let findings = try await conformance.run(skipping: ["large-params"]) { finding in
            told.withLock { $0.append(finding.check) }
        }
        #expect(findings.map(\.check) == told.withLock { $0 })
        #expect(findings.map(\.check) == WorkerConformance.checks.map(\.name).filter { $0 != "large-params" })
        #expect(findings.first?.status == .ok && findings.first?.tasks == 1, "\(findings)")
        #expect(findings.allSatisfy { $0.status != .failed || $0.advice != nil })
    }

    @Test func theWorkToComeIsCounted() throws {
        let oneshot = try conformance("ok")
        #expect(oneshot.expectedTasks() > 10 && oneshot.expectedTasks() < 30)
        #expect(oneshot.expectedTasks(only: ["stdout"]) == 1, "the valid task it judges")
        let pool = try conformance("ok") { $0.mode = .pool }
        #expect(pool.expectedTasks() > oneshot.expectedTasks())
        let fork = try conformance("ok") { $0.mode = .fork }
        #expect(fork.mode == .oneshot && fork.expectedTasks() == oneshot.expectedTasks())
    }

    @Test func aStopEndsTheCheckThatRunsAndMakesNoMore() async throws {
        let conformance = try conformance("hangs") { $0.stopGrace = .milliseconds(100) }
        let running = Task { try await conformance.run() }
        conformance.stop(hurry: false)
        #expect(try await running.value.isEmpty)
    }

    @Test func namesAreNoSecretToAnybody() {
        let names = WorkerConformance.checks.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(WorkerConformance.checks.allSatisfy { !$0.summary.isEmpty })
    }
}
