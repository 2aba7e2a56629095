/// The worker needs no variable that a host does not pass, and none that only a login shell has.
struct EnvironmentCheck: ConformanceCheck {
    /// Of those that a worker gets from its host, what stays under every service manager.
    private static let everywhere = ["PATH", "TMPDIR"]

    let name = "environment"
    let summary = "it needs no variable that a host does not pass on"
    let needsAnswer = false

    func tasks(_ subject: ConformanceSubject) -> Int { 1 }

    func run(on bench: ConformanceBench) -> ConformanceVerdict {
        let valid = bench.valid
        if case .notGiven = valid.answer { return .skipped("it could not be started") }
        if valid.isSuccess { return withoutLogin(bench) }
        let names = names(bench)
        guard passes(bench, names) else {
            return valid.reply == nil
                ? .ok("it does the same with all variables of this shell") : withoutLogin(bench)
        }
        return .failed(
            "it does its task only with \(smallest(of: names) { passes(bench, $0) }), which a host does not pass on",
            "Name it in workers[].inherit_environment, or give its value in workers[].environment.")
    }

    /// Without what a login sets: a service has no HOME and no LANG unless somebody says so.
    private func withoutLogin(_ bench: ConformanceBench) -> ConformanceVerdict {
        let keep = Set(Self.everywhere + bench.subject.configuration.inheritedEnvironment)
        let bare = bench.environment.filter { keep.contains($0.key) }
        let exchange = bench.exchange(bench.validTask(), environment: bare)
        guard exchange.outcomeKey != bench.valid.outcomeKey else {
            return .ok("it needs PATH and what the configuration names, no more")
        }
        let login = bench.environment.keys.filter { name in
            !keep.contains(name) && (WorkerEnvironment.inherited.contains(name) || name.hasPrefix("LC_"))
        }.sorted()
        let works: ([String]) -> Bool = { subset in
            let environment = bare.merging(bench.environment.filter { subset.contains($0.key) }) { own, _ in own }
            return bench.exchange(bench.validTask(), environment: environment).outcomeKey == bench.valid.outcomeKey
        }
        guard !login.isEmpty, works(login) else {
            return .skipped("it does not answer the same task alike each time, so nothing can be compared")
        }
        let culprit = smallest(of: login, works)
        return .warning(
            "without \(culprit) it \(exchange.text); a service manager or container may set none",
            "Give it a value in workers[].environment, or do without it.")
    }

    /// The names that are here and do not reach a worker.
    private func names(_ bench: ConformanceBench) -> [String] {
        let passed = Set(WorkerEnvironment.inherited + bench.subject.configuration.inheritedEnvironment)
        return bench.environment.keys.filter { name in
            !passed.contains(name) && !name.hasPrefix("LC_") && !name.hasPrefix("WORKERHOST_")
                && bench.subject.configuration.environment[name] == nil
        }.sorted()
    }

    /// Whether the valid task succeeds with these variables passed on, too.
    private func passes(_ bench: ConformanceBench, _ names: [String]) -> Bool {
        guard !names.isEmpty, !bench.control.isStopped else { return false }
        return bench.exchange(bench.validTask(), inheriting: names).isSuccess
    }

    /// One name by halving, if one is enough.
    private func smallest(of names: [String], _ works: ([String]) -> Bool) -> String {
        var (low, high) = (0, names.count)
        while low < high {
            let middle = (low + high) / 2
            if works(Array(names[...middle])) { high = middle } else { low = middle + 1 }
        }
        guard low < names.count else { return DoctorText.list(names) }
        return works([names[low]]) ? "'\(names[low])'" : "'\(names[low])' and others of this shell's variables"
    }
}
