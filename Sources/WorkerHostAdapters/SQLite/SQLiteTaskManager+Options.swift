public import WorkerHostCore

extension SQLiteTaskManager {
    /// How a queue file is used.
    public struct Options: Sendable {
        /// What may be done with the file.
        public enum Access: Sendable, Hashable {
            /// Read and write; the file is created if it does not exist.
            case create
            /// Read and write; the file must exist.
            case readWrite
            /// Only look; nothing can be added or claimed.
            case readOnly
        }

        /// What may be done with the file.
        public var access: Access
        /// How long a lease lasts unless it is extended.
        public var leaseDuration: Duration
        /// How often to look for work where the system gives no file events.
        public var pollInterval: Duration
        /// The longest time that one `receiveTasks` waits before it answers "none now".
        public var longestWait: Duration
        /// What becomes of tasks whose type no registered host can run.
        public var unknownTypes: TaskManagerConfiguration.UnknownTypes
        /// What survives a loss of power; see <doc:Durability>.
        public var durability: TaskManagerConfiguration.Durability
        /// How long a host's file keeps finished tasks.
        public var keep: TaskManagerConfiguration.Retention
        /// How long to wait for another program's write lock.
        public var busyTimeout: Duration
        /// The wall clock; another one is for tests.
        public var now: @Sendable () -> Timestamp
        /// Whether file events are used where the system has them; tests try the other way too.
        var usesFileEvents = true
        /// The shortest time between two removals of old tasks by a host.
        var purgeInterval: Duration = .seconds(60)

        /// Options; the defaults are those of the configuration file.
        public init(
            access: Access = .create, leaseDuration: Duration = .seconds(30), pollInterval: Duration = .seconds(5),
            longestWait: Duration = .seconds(30), unknownTypes: TaskManagerConfiguration.UnknownTypes = .fail,
            durability: TaskManagerConfiguration.Durability = .process,
            keep: TaskManagerConfiguration.Retention = TaskManagerConfiguration.Retention(),
            busyTimeout: Duration = .seconds(10),
            now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
        ) {
            self.access = access
            self.leaseDuration = leaseDuration
            self.pollInterval = pollInterval
            self.longestWait = longestWait
            self.unknownTypes = unknownTypes
            self.durability = durability
            self.keep = keep
            self.busyTimeout = busyTimeout
            self.now = now
        }

        /// The options that a configuration file gives: `claim_timeout`, `poll_interval`, `unknown_types`, `durability`,
        /// `keep`.
        public init(_ configuration: TaskManagerConfiguration, access: Access = .create) {
            self.init(
                access: access, leaseDuration: configuration.claimTimeout, pollInterval: configuration.pollInterval,
                unknownTypes: configuration.unknownTypes, durability: configuration.durability,
                keep: configuration.keep)
        }

        /// With durations that can be reckoned with: leases of a millisecond to a year.
        var bounded: Options {
            var options = self
            options.leaseDuration = min(max(leaseDuration, .milliseconds(1)), .seconds(365 * 86_400))
            options.pollInterval = max(pollInterval, .milliseconds(1))
            return options
        }
    }
}
