import ArgumentParser
import Foundation
import Logging
import UnixSignals
import WorkerHostCore

/// The options, and how they are wired.
@main
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "taskmanagerserver", abstract: "Serve the TaskManager's REST API from an SQLite queue.")

    @Flag(help: "Behave as the real server does, not as its documentation says.")
    var quirks = false

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 for any that is free.")
    var port: UInt16 = 8080

    @Option(help: "A file to which the port is written once the server listens.")
    var portFile: String?

    @Option(help: "The queue file; the journal lies beside it. Without one the tasks live as long as the server.")
    var data: String?

    @Option(help: "The key that requests must bring; better given in the environment as TASKMANAGER_API_KEY.")
    var apiKey: String?

    @Option(help: "Seconds after which a claim may go to another worker.")
    var claimTimeout = 300.0

    @Option(help: "The attempt at which a failure is final.")
    var maxAttempts = 3

    @Option(help: "The largest request body, in KiB.")
    var maxRequestKb = 16_384

    @Option(help: "Adds COUNT tasks of TYPE at the start; the type is registered.")
    var fill: String?

    @OptionGroup(title: "Faults") var faults: FaultOptions

    mutating func validate() throws {
        if claimTimeout.isNaN || claimTimeout <= 0 || claimTimeout > 1e9 {
            throw ValidationError("--claim-timeout must be more than 0 seconds.")
        }
        if maxRequestKb < 1 || maxRequestKb > 1 << 20 {
            throw ValidationError("--max-request-kb must be 1 to 1048576.")
        }
        if let fill, Self.filling(fill) == nil { throw ValidationError("--fill '\(fill)' must be COUNT:TYPE.") }
    }

    static func filling(_ text: String) -> (count: Int, type: String)? {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let count = Int(parts[0]), count > 0 else { return nil }
        return (count, String(parts[1]))
    }

    func run() async throws {
        var rules = TaskStore.Rules()
        rules.face = quirks ? .quirks : .documented
        rules.claimTimeout = .seconds(claimTimeout)
        rules.clockSkew = .seconds(faults.clockSkew)
        rules.maxAttempts = maxAttempts
        var settings = Settings()
        settings.face = rules.face
        settings.apiKey = apiKey ?? ProcessInfo.processInfo.environment["TASKMANAGER_API_KEY"]
        settings.largestBody = maxRequestKb << 10
        settings.delay = faults.delay.map { .milliseconds($0) }
        settings.logger.logLevel = .warning
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let place = try DataPlace(data)
        defer { place.remove() }
        let store = try await TaskStore(path: place.path, rules: rules, logger: settings.logger)
        if let filling = fill.flatMap(Self.filling) { try await fill(store, filling) }
        let api = API(
            settings: settings, store: store, faults: Faults(faults.rates, seed: faults.seed),
            limiter: faults.rateLimit.flatMap(RateLimiter.init))
        try await serve(api, signals)
        await store.shutdown()
    }

    private func fill(_ store: TaskStore, _ filling: (count: Int, type: String)) async throws {
        let schema = RawJSON(unchecked: Array(#"{"type":"object"}"#.utf8))
        guard case .created(let type) = try await store.register(filling.type, version: "1.0.0", schema: schema) else {
            throw ServerError("--fill: the type '\(filling.type)' is there already; take a new data file.")
        }
        try await store.fill(filling.count, type)
    }

    private func serve(_ api: API, _ signals: UnixSignalsSequence) async throws {
        let open = OpenRequests()
        let listener = try await Listener(host: host, port: port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run(api, open) }
            group.addTask {
                for await _ in signals { break }
                await open.stop()
            }
            try announce(listener.port)
            // The first one to end: the signal, or a listener that failed.
            try await group.next()
            group.cancelAll()
            // Ends by being cancelled, which it tells as an error.
            try? await group.waitForAll()
        }
    }

    private func announce(_ port: UInt16) throws {
        if let portFile { try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic) }
        print("listening on http://\(host):\(port)/api")
        fflush(nil)
    }
}
