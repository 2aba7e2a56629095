import ArgumentParser
import WorkerHostCore
import WorkerHostSQLite

/// `workerhost cancel`
struct Cancel: HostCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cancel tasks: what waits never runs, what runs is ended.",
        discussion: """
            A task that waits is cancelled at once. Of one that runs, the worker gets SIGTERM from its host, and SIGKILL \
            after its stop_grace; no other task is touched. It fails for good as 'Cancelled' and is not tried again; \
            one that still succeeds has succeeded. A host that dies meanwhile changes nothing about that.

              workerhost cancel 17
              workerhost cancel 17 18 --reason 'wrong channel' --wait

            Exit code 1 if there is no such task. A task that is finished stays as it is.

            Ids only: a task that is over is a matter for 'dead-letters' and 'purge', and whoever wants to end many \
            looks at them first:

              workerhost tasks --status pending --type 'Feed.*' --json | jq -r '.[].id' | xargs workerhost cancel
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The tasks' ids.", valueName: "id"), completion: .taskIDs)
    var ids: [String]

    @Option(help: ArgumentHelp("Why; kept in the timeline and in the failure's message.", valueName: "text"))
    var reason: String?

    @Flag(help: "Wait until the tasks have ended and tell what became of them.")
    var wait = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let reason, reason.allSatisfy(\.isWhitespace) {
            throw ValidationError("--reason is empty: say why, or leave it out.")
        }
    }

    @MainActor
    func execute() async throws {
        var seen = Set<String>()
        let unique = ids.filter { seen.insert($0).inserted }
        let configuration = try global.loadToLook()
        let queue = try AdapterFactory.existingQueue(
            for: configuration, access: .readWrite, logger: QuietLogger.make("workerhost.sqlite"))
        do {
            let outcomes =
                try await queue?.cancel(unique, reason: reason) ?? unique.map(CancelOutcome.init(unknown:))
            let run = CancelRun(
                queue: queue, stateDirectory: configuration.stateDirectory, outcomes: outcomes, waits: wait,
                isJSON: json)
            let isComplete = try await run.run()
            await queue?.shutdown()
            if !isComplete { throw CommandFailure(.failed) }
        } catch let error as SQLiteQueueError {
            throw CommandFailure(error)
        }
    }
}
