import Foundation
import Testing

/// A worker in batch mode, from `submit` to `explain`.
struct BatchTests {
    @Test func aBatchOverTheQueueFailsTaskByTask() async throws {
        let fixture = try CommandLineFixture(
            extra: """
                  - name: rows
                    project_path: .
                    command: [./rows.sh]
                    task_types: [Rows.Import]
                    mode: batch
                    concurrency: 1
                    max_retries: 2
                    retry_backoff: 10ms
                    batch: {size: 10, linger: 200ms}
                """)
        try fixture.script(
            "rows.sh",
            """
            echo start >> runs
            while read -r line; do
              id=${line#'{"id":"'}; id=${id%%'"'*}
              case $line in
                *bad*) echo '{"id":"'$id'","success":false,"error":{"type":"BadRow","message":"no","retry_possible":false}}';;
                *die*) kill -9 $$;;
                *) echo '{"id":"'$id'","success":true,"result":'$id'}';;
              esac
            done
            """)
        let lines = ["good", "bad", "good", "die", "good"].map { #"{"type":"Rows.Import","params":{"row":"\#($0)"}}"# }
        let submitted = try await fixture.run(
            "submit", "-", input: .bytes(Array((lines.joined(separator: "\n") + "\n").utf8)))
        #expect(submitted.code == 0, "\(submitted)")
        let run = try await fixture.run("run", "--until-idle")
        #expect(run.code == 1, "some failed: \(run)")
        let tasks = try await fixture.run("tasks", "--json")
        for id in [1, 3, 5] { #expect(tasks.text.contains(#""result":\#(id)"#), "\(tasks)") }
        #expect(tasks.text.contains("BadRow") && tasks.text.contains("SIGKILL"), "\(tasks)")
        let bad = try await fixture.run("explain", "2", "--json")
        #expect(bad.text.contains(#""attempts":1"#), "\(bad)")
        let poison = try await fixture.run("explain", "4", "--json")
        #expect(poison.text.contains(#""attempts":2"#) && poison.text.contains("batch_broken"), "\(poison)")
        let neighbour = try await fixture.run("explain", "5", "--json")
        #expect(
            neighbour.text.contains(#""attempts":1"#) && neighbour.text.contains("2 of 5 tasks unanswered"),
            "\(neighbour)")
        // The batch, the two that were open alone, and the second attempt of the one.
        #expect(try fixture.scratch.read("runs").split(separator: "\n").count == 4)
    }
}
