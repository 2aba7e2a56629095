import Foundation
import Testing

/// Each fault is found by one check, which says what to do, and by no other.
struct CheckWorkerFaultTests {
    @Test(arguments: oneshot)
    func ofAProcessForOneTask(_ fault: WorkerFault) async throws { try await find(fault) }

    @Test(arguments: pool)
    func ofAProcessForMany(_ fault: WorkerFault) async throws { try await find(fault) }

    private func find(_ fault: WorkerFault) async throws {
        let fixture = try CheckWorkerFixture(fault.mode, [fault.place: fault.fault], settings: fault.settings)
        let findings = try await fixture.findings(fault.arguments)
        let found = try #require(findings[fault.check])
        #expect(found.status == fault.status, "\(findings)")
        #expect(found.message.contains(fault.message), "\(found)")
        #expect(found.advice?.contains(fault.advice) == true, "\(found)")
        let others = findings.filter { $0.key != fault.check && $0.value.status == fault.status }
        #expect(others.isEmpty, "\(others)")
    }

    private static let oneshot = [
        WorkerFault(
            place: "FAULT", fault: #"echo '{"id":"other","success":true}'; exit 0"#, check: "valid-task",
            message: "replied to the task 'other', but was given 'check-worker-1'", advice: "Send back the 'id'"),
        WorkerFault(
            place: "FAULT", fault: "echo done; exit 0", check: "valid-task",
            message: "ended with exit code 0 and no reply; it wrote: done", advice: "Write one JSON object"),
        WorkerFault(
            place: "FAULT", fault: "printf 'loading... '", check: "valid-task",
            message: #"it wrote: loading... {"success":true"#, advice: "must stand alone on its line"),
        WorkerFault(
            place: "FAULT", fault: "kill -11 $$", check: "valid-task", message: "SIGSEGV", advice: "--debugger gdb"),
        WorkerFault(
            place: "FAULT", fault: "exec sleep 60", check: "valid-task", message: "no reply within 1 s",
            advice: "If the task takes that long: --timeout", arguments: ["--timeout", "1s"]),
        WorkerFault(
            place: "FAULT", fault: "echo one; echo two", check: "stdout", status: "warning",
            message: "2 lines beside the reply on standard output: one", advice: "Print to standard error."),
        WorkerFault(
            place: "FAULT", fault: "sleep 61 >/dev/null 2>&1 &", check: "clean-end",
            message: "it left 1 process running: 'sleep 61'", advice: "started by a service manager"),
        WorkerFault(
            place: "FAULT", fault: "setsid sleep 62 </dev/null &", check: "clean-end",
            message: "it left 1 process running: 'sleep 62'", advice: "killed when the task ends"),
        WorkerFault(
            place: "FAULT", fault: #"echo '{"success":true}'; exec sleep 60"#, check: "clean-end",
            message: "and did not end; a host waits for the end", advice: "a thread that is no daemon",
            arguments: ["--timeout", "2s"]),
        WorkerFault(
            place: "FAULT", fault: #"[ -n "$HOME" ] || exit 1"#, check: "environment", status: "warning",
            message: "without 'HOME' it ended with exit code 1", advice: "workers[].environment"),
        WorkerFault(
            place: "BEGIN", fault: #"case $task in *'"id"'* | '' | '{"i'*) ;; *) exit 0 ;; esac"#, check: "missing-id",
            message: "without 'id': it ended with exit code 0 and no reply", advice: "exit code that is not 0"),
        WorkerFault(
            place: "FAULT", fault: "case $task in *NoSuchType*) kill -11 $$ ;; esac", check: "unknown-type",
            message: "SIGSEGV", advice: "Check what the task holds before using it"),
        WorkerFault(
            place: "FAULT", fault: #"case $task in *'"params":{}'*) exit 0 ;; esac"#, check: "empty-params",
            message: "params {}: it ended with exit code 0", advice: "exit code that is not 0",
            arguments: ["--params", #"{"n":1}"#]),
        WorkerFault(
            place: "FAULT", fault: #"case $task in *'"params":{}'*) exit 1 ;; esac"#, check: "empty-params",
            status: "warning", message: "the task is tried 3 times though it cannot get better",
            advice: "Check the params first", arguments: ["--params", #"{"n":1}"#]),
        WorkerFault(
            place: "BEGIN", fault: #"case $task in *'"params":null'*) exit 0 ;; esac"#, check: "missing-params",
            message: "params null: it ended with exit code 0", advice: "exit code that is not 0"),
        WorkerFault(
            place: "FAULT", fault: "case $task in *x_check*) refuse ;; esac", check: "unknown-members",
            message: "with members of a later version in the task it replied failure (BadTask: no task)",
            advice: "Ignore members"),
        WorkerFault(
            place: "FAULT", fault: "[ ${#task} -lt 100000 ] || exit 1", check: "large-params",
            message: "10 MiB of params: it ended with exit code 1", advice: "a pipe holds 64 KiB", arguments: []),
        WorkerFault(
            place: "FAULT", fault: "case $task in *\u{1D11E}*) exit 1 ;; esac", check: "unicode",
            message: "with texts like \u{E9}, \u{4F60} and \u{1D11E} in the params it ended with exit code 1",
            advice: "UTF-8 whatever the locale says"),
        WorkerFault(
            place: "FAULT",
            fault: #"""
                t=${task#*\"t\":\"}; t=$(printf %s "${t%%\"*}" | sed 's/\xc3\xa9/\xc3\x83\xc2\xa9/')
                printf '{"success":true,"result":"%s"}\n' "$t"; exit 0
                """#, check: "unicode",
            message: "a text came back changed: sent '\u{E9} ", advice: "as UTF-8",
            arguments: ["--params", #"{"t":"x"}"#, "--skip", "large-params"]),
        WorkerFault(
            place: "BEGIN", fault: #"case $task in *'}') ;; *) exit 1 ;; esac"#, check: "invalid-input",
            status: "warning", message: "half a JSON document: it ended with exit code 1", advice: "exit code 2"),
        WorkerFault(
            place: "BEGIN", fault: #"case $task in *'}') ;; *) echo '{"success":true}'; exit 0 ;; esac"#,
            check: "invalid-input", message: "half a JSON document: it replied success", advice: "exit code 2"),
        WorkerFault(
            place: "BEGIN", fault: "[ -n \"$task\" ] || exec sleep 60", check: "invalid-input",
            message: "no input at all: it gave no reply in time", advice: "do not wait for more input",
            arguments: ["--timeout", "2s", "--skip", "large-params"]),
        WorkerFault(
            place: "START", fault: "trap '' TERM", check: "sigterm",
            message: "SIGTERM while it waits for input: it did not end within 200 ms (stop_grace) and was killed",
            advice: "Do not ignore SIGTERM", settings: "stop_grace: 0.2"),
        WorkerFault(
            place: "BEGIN", fault: #"[ -n "$task" ] || touch broken; [ ! -e broken ] || refuse"#,
            check: "after-failure",
            message: "at first it replied success; after tasks that failed it replied failure (BadTask: no task)",
            advice: "remove lock files"),
        WorkerFault(
            place: "FAULT", fault: #"echo '{"success":true}'; exit 1"#, check: "exit-code",
            message: "it replied success and ended with exit code 1: the result is not taken",
            advice: "End with exit code 0 after a success"),
        WorkerFault(
            place: "FAULT", fault: #"echo '{"success":true,"logs":"said"}'; exit 0"#, check: "reply-shape",
            message: "'logs' is a text, and is dropped", advice: "Make it a list"),
        WorkerFault(
            place: "FAULT", fault: #"echo '{"success":true,"data":[1]}'; exit 0"#, check: "reply-shape",
            status: "warning", message: "a reply has 'data', which the protocol does not know, and no 'result'",
            advice: "What the task came to goes into 'result'"),
    ]

    private static let pool = [
        WorkerFault(
            mode: "pool", place: "FAULT", fault: "echo printed", check: "stdout", status: "warning",
            message: "1 line beside the reply on standard output: printed", advice: "Print to standard error."),
        WorkerFault(
            mode: "pool", place: "AFTER", fault: "exit 0", check: "two-tasks",
            message: "it ended with exit code 0 after its first reply", advice: "or set mode: oneshot"),
        WorkerFault(
            mode: "pool", place: "FAULT", fault: "[ $n -le 8 ] || continue", check: "pipelining",
            message: "8 of 16 tasks that were sent at once were answered", advice: "keep what was read too much",
            arguments: ["--timeout", "2s", "--skip", "large-params"]),
        WorkerFault(
            mode: "pool", place: "CONTROL", fault: "exit 3;", check: "control",
            message: "a control message ended it, with exit code 3", advice: "Pass over every message"),
        WorkerFault(
            mode: "pool", place: "CONTROL", fault: #"echo '{"success":false}';"#, check: "control", status: "warning",
            message: "it replied to a control message", advice: "Pass over every message",
            arguments: ["--only", "control"]),
        WorkerFault(
            mode: "pool", place: "END", fault: "[ -n \"$task\" ] || exit 5", check: "end-of-input",
            message: "it ended with exit code 5", advice: "End with exit code 0 when the input ends"),
        WorkerFault(
            mode: "pool", place: "END", fault: "[ -n \"$task\" ] || sleep 60", check: "end-of-input",
            message: "it did not end within 2 s", advice: "a pool shrinks and a host stops by that",
            arguments: ["--timeout", "2s", "--only", "end-of-input", "--only", "half-frame"]),
        WorkerFault(
            mode: "pool", place: "END", fault: #"[ -z "$task" ] || echo '{"success":true}'"#, check: "half-frame",
            message: "it replied success to it", advice: "as the end of the input"),
        WorkerFault(
            mode: "pool", place: "END", fault: "[ -z \"$task\" ] || exit 1", check: "half-frame", status: "warning",
            message: "it ended with exit code 1", advice: "or with 2 and a word on standard error"),
        WorkerFault(
            mode: "pool", place: "FAULT", fault: #"[ $n -gt 1 ] || echo '{"kind":"ready"}'"#, check: "ready",
            message: "it says ready when it was given a task, and says nothing within",
            advice: "as soon as tasks can come",
            settings: "environment: {WORKERHOST_MODE: quiet}, pool: {startup_timeout: 0.3}"),
        WorkerFault(
            mode: "pool", place: "BEGIN", fault: #"case $task in *'}') ;; *) exec sleep 60 ;; esac"#,
            check: "invalid-input", message: "nothing came to the task behind it", advice: "go on with the next",
            arguments: ["--timeout", "1s", "--only", "invalid-input"]),
        WorkerFault(
            mode: "pool", place: "START", fault: "trap '' TERM", check: "sigterm",
            message: "it did not end within 200 ms (stop_grace) and was killed", advice: "Do not ignore SIGTERM",
            settings: "stop_grace: 0.2", arguments: ["--only", "valid-task", "--only", "sigterm"]),
        WorkerFault(
            mode: "pool", place: "FAULT",
            fault: #"[ $n -lt 3 ] || { echo "{\"id\":\"$id\",\"success\":false}"; continue; }"#,
            check: "after-failure", message: "after tasks that failed it replied failure",
            advice: "reset what is global",
            arguments: ["--only", "after-failure"]),
        WorkerFault(
            mode: "pool", place: "FAULT", fault: #"echo '{"success":true}'; continue"#, check: "reply-shape",
            status: "warning", message: "a reply has no 'id'", advice: "Send the task's id back"),
        WorkerFault(
            mode: "pool", place: "FAULT", fault: ":", check: "valid-task",
            message: "a frame's length prefix announces", advice: "WORKERHOST_FORMAT tells the worker",
            settings: "format: msgpack", arguments: ["--timeout", "1s"]),
        WorkerFault(
            mode: "batch", place: "BEGIN", fault: "case $task in *NoSuchType*) exit 1 ;; esac", check: "batch",
            message: "8 tasks: 4 of them answered by id, with 4 replies, and exit code 1", advice: "Answer every line"),
    ]
}
