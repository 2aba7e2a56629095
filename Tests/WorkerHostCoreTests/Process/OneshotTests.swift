import Foundation
import Testing

@testable import WorkerHostCore

/// Real processes, good and bad, through the whole oneshot path.
@Suite struct OneshotTests {
    @Test func replyOfAGoodWorkerIsPassedOnByteForByte() async {
        let outcome = await FaultChild.run("echo", task: FaultChild.task(params: #"{"n": 1.0e400, "s":"\u00e9"}"#))
        #expect(outcome.value?.contains(#""params":{"n": 1.0e400, "s":"\u00e9"}"#) == true)
        #expect(outcome.record.pid != nil)
        #expect(outcome.record.incidents.isEmpty)
        #expect(outcome.record.usage != nil)
    }

    @Test func childHasAnEnvironmentOfItsOwn() async throws {
        struct Description: Decodable {
            let cwd: String, pid: Int32, pgid: Int32, sid: Int32, ppid: Int32, deathSignal: Int32
            let blocked: Int, ignored: Int, fileLimit: Int, descriptors: [Int], environment: [String]
        }
        let outcome = await FaultChild.run("describe") {
            $0.environment = ["OWN": "1"]
            $0.limits.maxOpenFiles = 100
        }
        let child = try JSONDecoder().decode(Description.self, from: Data((outcome.value ?? "").utf8))
        #expect(child.cwd == "/tmp")
        #expect(child.pgid == child.pid && child.sid == child.pid)
        #expect(child.ppid == getpid())
        #expect(child.deathSignal == SIGKILL)
        #expect(child.blocked == 0 && child.ignored == 0)
        #expect(child.fileLimit == 100)
        #expect(child.descriptors == [0, 1, 2])
        #expect(child.environment.contains("OWN") && child.environment.contains("WORKERHOST_WORKER"))
        #expect(!child.environment.contains("SECRET_KEY"))
    }

    @Test func inputLargerThanThePipeReachesTheWorker() async {
        let params = #"{"text":""# + String(repeating: "x", count: 10 << 20) + #""}"#
        let outcome = await FaultChild.run("length", task: FaultChild.task(params: params))
        let bytes = TaskEnvelope.encode(FaultChild.task(params: params)).count
        #expect(outcome.value == #"{"bytes":\#(bytes)}"#)
    }

    @Test(arguments: ["never-reads", "hangs", "spins", "closes-stdout", "writes-for-ever"])
    func aWorkerThatDoesNotEndIsEndedAtTheDeadline(_ behaviour: String) async {
        let params = #"{"text":""# + String(repeating: "x", count: 10 << 20) + #""}"#
        let outcome = await FaultChild.run(behaviour, task: FaultChild.task(params: params)) {
            $0.timeout = .milliseconds(300)
        }
        #expect(outcome.failure?.kind == .timeout)
        #expect(outcome.failure?.isRetriable == false)
        #expect(outcome.record.incidents.map(\.kind).contains("terminating"))
    }

    @Test func aWorkerThatIgnoresSIGTERMIsKilled() async {
        let outcome = await FaultChild.run("ignores-term") {
            $0.timeout = .milliseconds(200)
            $0.stopGrace = .milliseconds(100)
        }
        #expect(outcome.failure?.kind == .timeout)
        #expect(outcome.record.incidents.map(\.kind) == ["terminating", "killed"])
    }

    @Test func aReplyBeforeAHangDoesNotCount() async {
        let outcome = await FaultChild.run("hangs", "success") { $0.timeout = .milliseconds(200) }
        #expect(outcome.failure?.kind == .timeout)
    }

    @Test(arguments: ["closes-stdin", "reads-a-byte"])
    func aWorkerNeedNotReadItsInput(_ behaviour: String) async {
        let params = #"{"text":""# + String(repeating: "x", count: 1 << 20) + #""}"#
        let outcome = await FaultChild.run(behaviour, task: FaultChild.task(params: params))
        #expect(outcome.value == #"{"ok":true}"#)
    }

    @Test func aFloodOnStandardErrorIsDrainedAndOnlyItsEndIsKept() async {
        let outcome = await FaultChild.run("flood-stderr", "\(1 << 30)")
        #expect(outcome.value == #"{"ok":true}"#)
        let failed = await FaultChild.run("exit", "1", "failure")
        #expect(failed.failure?.standardErrorTail == "about to exit with 1\n")
    }

    @Test func aFloodOnStandardOutputFailsTheTaskAndKeepsNoMemory() async {
        let before = residentBytes()
        let outcome = await FaultChild.run("flood-stdout", "\(1 << 30)")
        #expect(outcome.failure?.kind == .resourceLimit(.replySize))
        #expect(outcome.failure?.isRetriable == false)
        // Other tests run beside this one; what matters is that the gibibyte is not kept.
        #expect(residentBytes() - before < 512 << 20)
    }

    @Test func printsAroundTheReplyAreTolerated() async {
        let outcome = await FaultChild.run("prints", #"{"kind":"not a reply"}"#)
        #expect(outcome.value == #"{"ok":true}"#)
    }

    @Test func aReplyOverSeveralLinesIsFoundBehindABanner() async {
        let outcome = await FaultChild.run("pretty")
        #expect(outcome.value == #"{"ok": true}"#)
    }

    @Test func aSignalIsNamed() async {
        let outcome = await FaultChild.run("signal", "11", "success")
        #expect(outcome.failure?.kind == .crashed(signal: 11))
        #expect(outcome.failure?.message.contains("SIGSEGV (signal 11)") == true)
        #expect(outcome.failure?.isRetriable == true)
    }

    /// In Python: the sanitizer reserves memory in a C child that is built with the tests.
    @Test func aMemoryLimitHolds() async {
        let outcome = await FaultChild.run("ok") {
            $0.command = ["python3", "-c", "bytearray(512 << 20)"]
            $0.limits.maxMemoryMiB = 64
        }
        #expect(outcome.failure?.exitCode == 1)
        #expect(outcome.failure?.standardErrorTail?.contains("MemoryError") == true)
    }

    @Test func aWorkerWithAMemoryLimitGoesBeforeTheHostWhenMemoryRunsOut() async throws {
        let script = #"cat >/dev/null; echo "{\"success\":true,\"result\":$(cat /proc/self/oom_score_adj)}""#
        let limited = await FaultChild.run("ok") {
            $0.command = ["sh", "-c", script]
            $0.limits.maxMemoryMiB = 256
        }
        #expect(limited.value == "500")
        let other = await FaultChild.run("ok") { $0.command = ["sh", "-c", script] }
        let own = try String(contentsOfFile: "/proc/self/oom_score_adj", encoding: .utf8)
        #expect(other.value == own.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test func thePeakMemoryIsTheWorkersOwn() async throws {
        let small = await FaultChild.run("ok")
        #expect(small.record.usage?.peakMemory == nil, "hidden behind the host's own")
        let large = await FaultChild.run("ok") {
            $0.command = ["python3", "-c", #"x = b'x' * (2 << 30); print('{"success":true}')"#]
        }
        #expect(large.value == "null")
        let peak = try #require(large.record.usage?.peakMemory)
        #expect(peak > 2 << 30)
    }

    @Test func theTasksOwnDeadlineShortensTheTimeout() async {
        let metadata = TaskMetadata(deadline: Timestamp.now.advanced(by: .milliseconds(300)))
        let task = WorkerTask(id: "late", type: "T", params: .emptyObject, metadata: metadata)
        let outcome = await FaultChild.run("hangs", task: task)
        #expect(outcome.failure?.kind == .timeout)
    }

    private func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
