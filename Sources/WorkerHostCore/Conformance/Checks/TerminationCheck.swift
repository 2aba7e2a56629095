/// SIGTERM while the worker is at it: it ends within its grace.
struct TerminationCheck: ConformanceCheck {
    let name = "sigterm"
    let summary = "SIGTERM in the middle ends it within stop_grace"

    func tasks(_ subject: ConformanceSubject) -> Int { subject.isPool ? 2 : 2 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        if bench.subject.isPool { return inPool(bench) }
        let first = whileWaiting(bench)
        guard first.status == .ok else { return first }
        let second = whileWorking(bench)
        return second.status == .ok ? .ok("\(first.message); \(second.message)") : second
    }

    /// It has read half of its task and waits for the rest: only the signal can end it.
    private func whileWaiting(_ bench: ConformanceBench) -> ConformanceVerdict {
        let json = bench.validTask().json
        bench.given += 1
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        session.send(Array(json.prefix(json.count / 2)))
        waitUntilRead(session, bench)
        session.terminate()
        return judge(session, bench, "while it waits for input", reply: nil)
    }

    /// It has just read its task.
    private func whileWorking(_ bench: ConformanceBench) -> ConformanceVerdict {
        let task = bench.validTask()
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        bench.give(task, to: session)
        waitUntilRead(session, bench)
        session.closeInput()
        session.terminate()
        return judge(session, bench, "with a task in hand", reply: task.id)
    }

    private func inPool(_ bench: ConformanceBench) -> ConformanceVerdict {
        let tasks = [bench.validTask(), bench.validTask()]
        guard case .success(let session) = bench.start() else { return .skipped("it could not be started") }
        bench.give(tasks[0], to: session)
        session.wait(until: bench.deadline) { !session.replies.isEmpty }
        bench.give(tasks[1], to: session)
        session.terminate()
        return judge(session, bench, "with a task in hand", reply: tasks[1].id)
    }

    /// A worker that looks at its input late, or never, gets the signal all the same.
    private func waitUntilRead(_ session: ConformanceSession, _ bench: ConformanceBench) {
        let moment = MonotonicTime.now.advanced(by: bench.timeout / 4)
        session.wait(until: min(moment, bench.deadline), pause: 1) { session.unreadCount == 0 || session.hasExited }
    }

    private func judge(
        _ session: ConformanceSession, _ bench: ConformanceBench, _ when: String, reply id: String?
    ) -> ConformanceVerdict {
        let grace = bench.subject.configuration.stopGrace
        let sentAt = session.now
        session.wait(until: MonotonicTime.now.advanced(by: grace)) { session.hasExited }
        let hasEnded = session.hasExited
        let end = bench.finish(session)
        guard hasEnded, end.signals.allSatisfy({ $0 == 15 }) else {
            return .failed(
                "SIGTERM \(when): it did not end within \(DoctorText.duration(grace)) (stop_grace) and was killed",
                "Do not ignore SIGTERM: end with 143, or finish the task and end with 0; or raise stop_grace. A shell "
                    + "waits for the program that it runs: start that with exec.")
        }
        let took = DoctorText.duration(max(.zero, end.at - sentAt))
        let finished =
            id != nil
            && (bench.subject.isOneshot ? session.hasReplied : session.replies.contains { $0.id == id || $0.id == nil })
        let what = finished && end.exitCode == 0 ? "finished its task and ended" : "ended by \(Self.name(end.ending))"
        return .ok("SIGTERM \(when): \(what) after \(took)")
    }

    private static func name(_ ending: ProcessExit.Ending?) -> String {
        switch ending {
        case .signaled(let signal)?: SignalName.of(signal)
        case .exited(let code)?: "exit code \(code)"
        case .unknown?, nil: "nothing"
        }
    }
}
