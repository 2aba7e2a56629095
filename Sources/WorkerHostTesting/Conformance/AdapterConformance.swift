public import WorkerHostCore

/// Checks that a TaskManager adapter keeps what ``/WorkerHostCore/TaskManagerAdapter`` promises.
///
/// Depends on no test framework: ``run()`` returns what was found, and an empty list means that the adapter conforms.
///
/// ```swift
/// let violations = await AdapterConformance(makeSubject: { … }).run()
/// #expect(violations.isEmpty)
/// ```
public struct AdapterConformance: Sendable {
    /// The state of a task as the TaskManager tells it.
    public enum Status: String, Sendable, Hashable {
        /// Claimable now or later.
        case pending
        /// Leased.
        case running
        /// Succeeded.
        case completed
        /// Finally failed.
        case failed
    }

    /// An adapter on a TaskManager that holds no task, and the way round the adapter to that TaskManager.
    public struct Subject: Sendable {
        /// The adapter. It should answer "none now" after at most a second, and lease for at most a few seconds.
        public var adapter: any TaskManagerAdapter
        /// A second adapter on the same TaskManager, as another host has it; nil if there can be only one.
        public var other: (any TaskManagerAdapter)?
        /// Adds a task of this type with these parameters and returns its id.
        public var enqueue: @Sendable (_ type: String, _ params: RawJSON) async throws -> String
        /// The state of a task and the attempts it has spent; nil for attempts that the TaskManager does not tell.
        public var status: @Sendable (_ id: String) async throws -> (status: Status, attempts: Int?)
        /// Makes every lease that is not extended end, by moving a clock or by waiting; nil if leases do not end.
        public var letLeasesEnd: (@Sendable () async throws -> Void)?
        /// Cancels a task in the TaskManager, by whatever way its users have; nil if it cannot be done there.
        public var cancel: (@Sendable (_ id: String) async throws -> Void)?

        /// A subject.
        public init(
            adapter: any TaskManagerAdapter, other: (any TaskManagerAdapter)? = nil,
            enqueue: @escaping @Sendable (_ type: String, _ params: RawJSON) async throws -> String,
            status: @escaping @Sendable (_ id: String) async throws -> (status: Status, attempts: Int?),
            letLeasesEnd: (@Sendable () async throws -> Void)? = nil,
            cancel: (@Sendable (_ id: String) async throws -> Void)? = nil
        ) {
            self.adapter = adapter
            self.other = other
            self.enqueue = enqueue
            self.status = status
            self.letLeasesEnd = letLeasesEnd
            self.cancel = cancel
        }
    }

    /// A promise that was not kept.
    public struct Violation: Sendable, Hashable, CustomStringConvertible {
        /// The check's name.
        public let check: String
        /// What was seen and what should have been.
        public let message: String

        /// The check and the message.
        public var description: String { "\(check): \(message)" }
    }

    private let makeSubject: @Sendable () async throws -> Subject

    /// - Parameter makeSubject: called once for each check.
    public init(makeSubject: @escaping @Sendable () async throws -> Subject) {
        self.makeSubject = makeSubject
    }

    /// Runs all checks, one after another.
    public func run() async -> [Violation] {
        var violations: [Violation] = []
        for check in Check.all {
            let record = Record(check: check.name)
            do {
                let subject = try await makeSubject()
                try await check.body(subject, record)
                await subject.other?.shutdown()
                await subject.adapter.shutdown()
            } catch {
                record.fail("threw \(error)")
            }
            violations += record.violations
        }
        return violations
    }
}
