import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// Which dead letters a command means; what is not given does not matter.
struct DeadLetterFilterOptions: ParsableArguments {
    @Option(help: "Only tasks of this type; 'Prefix.*' for many. May be given several times.")
    var type: [String] = []

    @Option(help: "Only failures of this worker.")
    var worker: String?

    @Option(
        help: ArgumentHelp(
            "Only failures of this kind: retriable, permanent, timeout, crashed, … May be given several times."))
    var kind: [String] = []

    @Option(help: "Only errors of this type, as the worker named it. May be given several times.")
    var error: [String] = []

    @Option(help: ArgumentHelp("Only what failed at least so long ago: 30s, 5m, 2h, 1d.", valueName: "duration"))
    var olderThan: String?

    @Option(help: ArgumentHelp("Only what failed within so long: 30s, 5m, 2h, 1d.", valueName: "duration"))
    var newerThan: String?

    func validate() throws {
        for kind in kind where !TaskFailure.Kind.allNames.contains(kind) {
            let near = NearestMatch.find(kind, in: TaskFailure.Kind.allNames).map { " Did you mean '\($0)'?" } ?? ""
            throw ValidationError(
                "--kind '\(PlainText.singleLine(kind))' is no kind of failure.\(near) Known are "
                    + "\(TaskFailure.Kind.allNames.joined(separator: ", ")).")
        }
        _ = try (age(olderThan, "--older-than"), age(newerThan, "--newer-than"))
    }

    /// Whether nothing is given, so that all are meant.
    var isEmpty: Bool {
        type.isEmpty && worker == nil && kind.isEmpty && error.isEmpty && olderThan == nil && newerThan == nil
    }

    /// The filter, at this moment.
    func filter(now: Timestamp = .now) throws -> DeadLetterFilter {
        DeadLetterFilter(
            types: type, kinds: kind, errorTypes: error, worker: worker,
            failedUntil: try age(olderThan, "--older-than").map { now.advanced(by: .zero - $0) },
            failedSince: try age(newerThan, "--newer-than").map { now.advanced(by: .zero - $0) })
    }

    private func age(_ text: String?, _ option: String) throws -> Duration? {
        guard let text else { return nil }
        guard let age = DelayText.parse(text) else {
            throw ValidationError("\(option) '\(PlainText.singleLine(text))' is not \(DelayText.expectation).")
        }
        return age
    }
}
