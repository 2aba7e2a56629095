import Foundation
import Testing

/// Shell workers that keep to the protocol but for one fault, and `check-worker` on them.
struct CheckWorkerFixture {
    /// A process for one task. `FAULT` stands where the task has been read and found to be one.
    private static let oneshot = """
        START
        task=$(cat)
        refuse() {
            echo '{"success":false,"error":{"type":"BadTask","message":"no task","retry_possible":false}}'
            exit 2
        }
        BEGIN
        case $task in *'"params":{'*'}') ;; *) refuse ;; esac
        FAULT
        echo '{"success":true,"result":1}'
        """

    /// A process for many.
    private static let lines = """
        START
        [ "$WORKERHOST_MODE" != pool ] || echo '{"kind":"ready"}'
        n=0
        while IFS= read -r task; do
            case $task in *'"control"'*) CONTROL continue ;; esac
            id=${task#*\\"id\\":\\"}; id=${id%%\\"*}
            n=$((n + 1))
            BEGIN
            case $task in
                *'"id":"'*'"params":{'*'}') ;;
                *) echo "{\\"id\\":\\"$id\\",\\"success\\":false,\\"error\\":{\\"message\\":\\"no task\\",\\"retry_possible\\":false}}"
                   continue ;;
            esac
            FAULT
            echo "{\\"id\\":\\"$id\\",\\"success\\":true,\\"result\\":1}"
            AFTER
        done
        END
        """

    let scratch: ScratchDirectory
    let runner: CommandRunner

    /// - Parameters:
    ///   - mode: `oneshot`, `pool` or `batch`.
    ///   - faults: what is put into the worker, by the place where it goes.
    ///   - settings: more of the worker's configuration, as YAML between braces.
    init(_ mode: String, _ faults: [String: String] = [:], settings: String = "") throws {
        scratch = try ScratchDirectory()
        runner = CommandRunner.workerhost.inside(scratch.path)
        var script = mode == "oneshot" ? Self.oneshot : Self.lines
        for place in ["START", "BEGIN", "FAULT", "CONTROL", "AFTER", "END"] {
            script = script.replacing(place, with: faults[place] ?? (place == "CONTROL" ? "" : ":"))
        }
        try scratch.write("worker.sh", script + "\n")
        let more = settings.isEmpty ? "" : ", " + settings
        try scratch.write(
            "workerhost.yaml",
            """
            version: "1.0"
            task_manager: {type: sqlite}
            workers:
              - {name: faulty, project_path: ., command: [sh, worker.sh], task_types: [Check.It], mode: \(mode)\(more)}
            """)
    }

    func run(_ arguments: [String]) async throws -> CommandOutcome {
        try await runner.run(["check-worker"] + arguments)
    }

    /// What the checks found, by their names; all but the large task unless `arguments` say otherwise.
    func findings(_ arguments: [String] = ["--skip", "large-params"]) async throws -> [String: Finding] {
        let outcome = try await run(["faulty", "--json"] + arguments)
        let object = try #require(try outcome.json() as? [String: Any], "\(outcome)")
        let checks = try #require(object["checks"] as? [[String: Any]])
        let pairs = checks.map { check in
            (
                check["name"] as? String ?? "",
                Finding(
                    status: check["status"] as? String ?? "", message: check["message"] as? String ?? "",
                    advice: check["advice"] as? String)
            )
        }
        let failed = pairs.contains { $0.1.status == "failed" }
        #expect(outcome.code == (failed ? 1 : 0) && object["passed"] as? Bool == !failed, "\(outcome)")
        return Dictionary(pairs) { first, _ in first }
    }

    struct Finding {
        let status: String
        let message: String
        let advice: String?
    }
}

/// A fault, and the one check that is to find it.
struct WorkerFault: Sendable, CustomTestStringConvertible {
    var mode = "oneshot"
    let place: String
    let fault: String
    let check: String
    var status = "failed"
    let message: String
    let advice: String
    var settings = ""
    var arguments = ["--skip", "large-params"]

    var testDescription: String { "\(mode) \(check): \(message)" }
}
