import Foundation
import Testing

@testable import WorkerHostCore

/// One task in its worker, without a host around it.
@Suite struct SingleRunTests {
    private func run(
        _ behaviour: String..., task: WorkerTask = FaultChild.task(), timeout: Duration? = nil,
        onEvent: @escaping @Sendable (SingleRun.Event) -> Void = { _ in },
        configure: (inout WorkerConfiguration) -> Void = { _ in }
    ) async throws -> AttemptTranscript {
        var configuration = FaultChild.configuration(behaviour)
        configure(&configuration)
        let directory = try AttemptDirectory(environment: ProcessInfo.processInfo.environment)
        defer { directory.remove() }
        let run = try SingleRun(
            configuration, environment: ["PATH": "/usr/bin:/bin"], directory: directory, timeout: timeout)
        return try await run.run(task, onEvent: onEvent)
    }

    @Test func theTranscriptHasWhatWentInAndOut() async throws {
        let task = FaultChild.task(params: #"{"n": 1.0e400}"#)
        let transcript = try await run("echo", task: task)
        #expect(transcript.input == TaskEnvelope.encode(task))
        #expect(transcript.output.count == transcript.outputCount)
        #expect(String(decoding: transcript.reply ?? [], as: UTF8.self).contains(#"{"n": 1.0e400}"#))
        #expect(transcript.ending == .exited(code: 0) && transcript.stopReason == nil)
        #expect(transcript.commandLine == [FaultChild.path, "echo"] && transcript.program == FaultChild.path)
        let first = try #require(transcript.timeToFirstByte)
        #expect(first > .zero && first <= transcript.wallTime)
        #expect(transcript.outcome.value != nil && transcript.outcome.record.pid != nil)
    }

    @Test func theProcessCarriesNoHostsMark() async throws {
        let transcript = try await run("describe")
        #expect(!transcript.environmentNames.contains(HostMark.hostVariable))
        #expect(transcript.outcome.value?.contains(HostMark.hostVariable) == false)
        for name in transcript.environmentNames { #expect(transcript.outcome.value?.contains("\"\(name)\"") == true) }
    }

    /// A small process's peak is hidden behind this one's in the kernel's account.
    @Test func theMemoryOfASmallProcessIsSeen() async throws {
        let transcript = try await run("sleeps", "60")
        let peak = try #require(transcript.peakMemory)
        #expect(peak.source == .sampled && peak.bytes > 100_000)
        #expect(transcript.outcome.record.usage?.peakMemory == nil)
    }

    @Test func eventsComeInTheirOrder() async throws {
        let seen = Guarded<[String]>([])
        let transcript = try await run(
            "ok",
            onEvent: { event in
                let word =
                    switch event {
                    case .started: "started"
                    case .errorLines(let lines): lines.joined(separator: "+")
                    case .outputBegan: "output"
                    case .incident(let incident): incident.kind
                    }
                seen.withLock { $0.append(word) }
            },
            configure: {
                $0.command = ["sh", "-c", "echo one >&2; sleep 0.05; echo stray; sleep 0.05; echo two >&2; kill -9 $$"]
            })
        #expect(seen.withLock { $0 } == ["started", "one", "output", "two"])
        #expect(transcript.strayLines == ["stray"] && transcript.reply == nil)
        #expect(transcript.ending == .signaled(9))
        #expect(transcript.outcome.failure?.kind == .crashed(signal: 9))
    }

    @Test func aPassedDeadlineEndsOnlyWhatIsNotGivenATime() async throws {
        let metadata = TaskMetadata(deadline: Timestamp.now.advanced(by: .seconds(-60)))
        let late = WorkerTask(id: "late", type: "T", params: .emptyObject, metadata: metadata)
        let replayed = try await run("ok", task: late, timeout: .seconds(60))
        #expect(replayed.outcome.value == #"{"ok":true}"#)
        #expect(replayed.timeout == .seconds(60))
        let judged = try await run("hangs", task: late)
        #expect(judged.outcome.failure?.kind == .timeout)
        #expect(judged.stopReason == .deadline)
    }

    @Test func aStopIsOrderlyAndASecondOneIsNot() async throws {
        let directory = try AttemptDirectory(environment: [:])
        defer { directory.remove() }
        let configuration = FaultChild.configuration(["ignores-term"], grace: .seconds(600))
        let run = try SingleRun(configuration, environment: [:], directory: directory)
        let transcript = try await run.run(FaultChild.task()) { event in
            switch event {
            case .started: run.stop(hurry: false)
            case .incident(let incident) where incident.kind == "terminating": run.stop(hurry: true)
            default: return
            }
        }
        #expect(transcript.outcome.record.incidents.map(\.kind).first == "terminating")
        #expect(transcript.stopReason == .shutdown)
        #expect(transcript.outcome.failure?.kind == .interrupted)
    }

    @Test func aWorkerThatCannotStartIsAnOutcome() async throws {
        let transcript = try await run("ok", configure: { $0.command = ["/no/such/program"] })
        #expect(transcript.outcome.failure?.kind == .startFailed)
        #expect("\(transcript.ending)".contains("/no/such/program: No such file or directory"))
        #expect(transcript.outcome.record.pid == nil)
    }

    @Test func theTemporaryDirectoryIsTheAttemptsOwnAndGoes() async throws {
        let directory = try AttemptDirectory(environment: ["TMPDIR": "/tmp"])
        let run = try SingleRun(
            FaultChild.configuration([]).with(command: [
                "sh", "-c", #"echo "{\"success\":true,\"result\":\"$TMPDIR\"}"; touch "$TMPDIR/x""#,
            ]),
            environment: ["PATH": "/usr/bin:/bin"], directory: directory)
        let transcript = try await run.run(FaultChild.task())
        #expect(transcript.outcome.value == "\"\(directory.temporary)\"")
        directory.remove()
        #expect(!FileManager.default.fileExists(atPath: directory.path))
        let long = try AttemptDirectory(environment: ["TMPDIR": "/" + String(repeating: "x", count: 80)])
        #expect(long.path.hasPrefix("/tmp/workerhost-"), "sockets must fit")
        long.remove()
    }

    @Test(arguments: [
        (TaskFailure(kind: .retriable, message: "m"), 1, "retry"),
        (TaskFailure(kind: .retriable, message: "m"), 3, "failed"),
        (TaskFailure(kind: .permanent, message: "m"), 1, "failed"),
        (TaskFailure(kind: .timeout, message: "m"), 1, "failed"),
        (TaskFailure(kind: .startFailed, message: "m"), 3, "released"),
        (TaskFailure(kind: .interrupted, message: "m"), 3, "released"),
    ])
    func theHostsVerdictFollowsKindAndAttempt(_ failure: TaskFailure, _ attempt: Int, _ verdict: String) {
        let task = WorkerTask(
            id: "1", type: "T", params: .emptyObject, metadata: TaskMetadata(attempt: attempt))
        let outcome = AttemptOutcome(
            leased: LeasedTask(task: task, lease: Lease(token: "t")), result: .failure(failure),
            record: AttemptRecord(worker: "w", number: attempt))
        let word =
            switch TaskReport.Outcome(of: outcome, retry: RetryPolicy(maxAttempts: 3), random: 1) {
            case .succeeded: "succeeded"
            case .failed: "failed"
            case .retry(_, let delay): delay == .seconds(1) ? "retry" : "retry after \(delay)"
            case .released: "released"
            }
        #expect(word == verdict)
    }
}

extension WorkerConfiguration {
    fileprivate func with(command: [String]) -> WorkerConfiguration {
        var copy = self
        copy.command = command
        return copy
    }
}
