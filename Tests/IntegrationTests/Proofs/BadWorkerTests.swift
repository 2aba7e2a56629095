import Foundation
import Testing

/// A2, B2, C9, C11: every bad worker once, through the whole host. Each task has its one outcome, and the host lives.
@Suite struct BadWorkerTests {
    struct Case: Sendable {
        let behaviour: String
        let status: String
        var kind: String?
        var attempts = 1
        var exitCode: Int?
        var message = ""
        var more = ""
    }

    private static let replies: [Case] = [
        Case(behaviour: "exit, '0', success", status: "completed"),
        Case(
            behaviour: "exit, '0', failure", status: "failed", kind: "retriable", attempts: 2, exitCode: 0,
            message: "no good"),
        Case(behaviour: "exit, '0', final", status: "failed", kind: "permanent", exitCode: 0),
        Case(behaviour: "exit, '0'", status: "failed", kind: "protocol_violation", attempts: 2, exitCode: 0),
        Case(behaviour: "exit, '1'", status: "failed", kind: "retriable", attempts: 2, exitCode: 1),
        Case(behaviour: "exit, '1', failure", status: "failed", kind: "retriable", attempts: 2, exitCode: 1),
        Case(behaviour: "exit, '1', final", status: "failed", kind: "permanent", exitCode: 1),
        Case(
            behaviour: "exit, '1', success", status: "failed", kind: "protocol_violation", attempts: 2, exitCode: 1,
            message: "not taken"),
        Case(behaviour: "exit, '2'", status: "failed", kind: "permanent", exitCode: 2),
        Case(behaviour: "exit, '2', success", status: "failed", kind: "permanent", exitCode: 2),
        Case(behaviour: "exit, '2', again", status: "failed", kind: "permanent", exitCode: 2),
        Case(behaviour: "exit, '3'", status: "failed", kind: "timeout", exitCode: 3),
        Case(behaviour: "exit, '3', failure", status: "failed", kind: "timeout", exitCode: 3),
        Case(behaviour: "exit, '130'", status: "failed", kind: "retriable", attempts: 2, exitCode: 130),
        Case(
            behaviour: "exit, '130', success", status: "failed", kind: "protocol_violation", attempts: 2,
            exitCode: 130),
        Case(behaviour: "signal, '11'", status: "failed", kind: "crashed", attempts: 2, message: "SIGSEGV"),
        Case(behaviour: "signal, '9', success", status: "failed", kind: "crashed", attempts: 2, message: "SIGKILL"),
        Case(
            behaviour: "raw, 'no JSON at all', '0'", status: "failed", kind: "protocol_violation", attempts: 2,
            exitCode: 0, message: "no JSON at all"),
        Case(behaviour: "half", status: "failed", kind: "protocol_violation", attempts: 2, exitCode: 0),
        Case(behaviour: "invalid-utf8", status: "failed", kind: "protocol_violation", attempts: 2, exitCode: 0),
        Case(behaviour: "two-replies", status: "completed"),
        Case(behaviour: "prints, 'hello'", status: "completed"),
        Case(behaviour: "flood-stdout, '1073741824'", status: "failed", kind: "resource_limit", exitCode: 0),
        Case(behaviour: "closes-stdin", status: "completed"),
        Case(behaviour: "reads-a-byte", status: "completed"),
    ]

    private static let hangs: [Case] = [
        "closes-stdout", "never-reads", "spins", "writes-for-ever", "hangs, success", "ignores-term",
    ].map {
        Case(
            behaviour: $0, status: "failed", kind: "timeout", message: "did not finish within",
            more: ", timeout: 0.5, stop_grace: 0.2")
    }

    @Test func eachHasItsOneOutcome() async throws {
        let cases = Self.replies + Self.hangs
        let fixture = try ProofFixture(
            cases.enumerated().map { index, item in
                "{name: w\(index), project_path: ., command: [FAULT, \(item.behaviour)], task_types: [T\(index)], "
                    + "max_retries: 2, concurrency: 1\(item.more)}"
            }, extra: "logging: {level: DEBUG}")
        // Ten mebibytes of input: more than a pipe takes, so that a worker that does not read leaves the host with it.
        let filler = String(repeating: "x", count: 1 << 20)
        try await fixture.submit(
            cases.indices.map { index in
                let text = cases[index].behaviour == "never-reads" ? String(repeating: filler, count: 10) : filler
                return #"{"type":"T\#(index)","params":{"text":"\#(text)"}}"#
            })
        let outcome = try await fixture.runner.run(["run", "--until-idle"])
        #expect(outcome.code == 1 && !outcome.overran, "the host lives to say that tasks failed")
        let tasks = try await fixture.tasks()
        try #require(tasks.count == cases.count)
        for task in tasks {
            let type = try #require(task["type"] as? String)
            let item = cases[try #require(Int(type.dropFirst()))]
            #expect(task["status"] as? String == item.status, "\(item.behaviour)")
            #expect(task["attempts"] as? Int == item.attempts, "\(item.behaviour)")
            let error = task["error"] as? [String: Any]
            #expect(error?["kind"] as? String == item.kind, "\(item.behaviour)")
            #expect(error?["exit_code"] as? Int == item.exitCode, "\(item.behaviour)")
            let message = error?["message"] as? String ?? ""
            if !item.message.isEmpty { #expect(message.contains(item.message), "\(item.behaviour): \(message)") }
            if item.kind == "timeout", item.exitCode == nil {
                #expect(!message.contains("memory"), "C11: a deadline is never taken for a lack of memory")
            }
        }
        #expect(fixture.processes().isEmpty)
    }

    /// C9: the last words of a worker that is killed are kept.
    @Test func theLastWordsOfAKilledWorkerAreKept() async throws {
        let fixture = try ProofFixture([
            "{name: s, project_path: ., command: [./says.sh], task_types: [Deadline], timeout: 0.5, stop_grace: 0.1}",
            "{name: k, project_path: ., command: [./kills.sh], task_types: [Killed], max_retries: 1}",
        ])
        try fixture.script("says.sh", "read task; trap '' TERM; echo 'the last words' >&2; while :; do sleep 1; done")
        try fixture.script("kills.sh", "read task; echo 'before the end' >&2; kill -9 $$")
        try await fixture.submit([#"{"type":"Deadline","params":{}}"#, #"{"type":"Killed","params":{}}"#])
        _ = try await fixture.runner.run(["run", "--until-idle"])
        let errors = try await fixture.tasks().reduce(into: [:]) { errors, task in
            errors[task["type"] as? String ?? ""] = task["error"] as? [String: Any]
        }
        #expect(errors["Deadline"]?["kind"] as? String == "timeout")
        #expect((errors["Deadline"]?["stderr"] as? String)?.contains("the last words") == true)
        #expect(errors["Killed"]?["kind"] as? String == "crashed")
        #expect((errors["Killed"]?["stderr"] as? String)?.contains("before the end") == true)
    }
}
