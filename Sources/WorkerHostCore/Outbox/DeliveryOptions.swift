/// How outcomes are delivered, and how many may wait for it.
public struct DeliveryOptions: Sendable, Hashable {
    /// With so many undelivered outcomes no more tasks are leased, until there are fewer.
    public var mostUndelivered: Int
    /// The same for their bytes.
    public var mostUndeliveredBytes: Int
    /// Most outcomes that the TaskManager is given at once.
    public var batch: Int
    /// How many such batches are on their way at once.
    public var batchesAtOnce: Int
    /// How long a few outcomes wait for others to travel with, while a batch is on its way.
    public var gathering: Duration
    /// The wait before an outcome, or a TaskManager that does not answer, is tried again.
    public var backoff: Backoff
    /// How long a host that stops goes on delivering; what is left is delivered by the next one. Shorter than the time
    /// that the engine gives a TaskManager's shutdown (15 s).
    public var flush: Duration

    /// The most bytes of results that are kept in memory beside the outbox; others are read from it when they are due.
    static let cachedBytes = 16 << 20
    /// The most bytes of one batch, unless a single outcome is larger.
    static let batchBytes = 4 << 20
    /// While a batch is away, fewer wait for others to travel with.
    static let worthwhile = 8
    /// How often is looked for entries of hosts that have died meanwhile.
    static let adoptionInterval = Duration.seconds(60)
    /// How often is looked for what somebody has changed by hand, while there is something to deliver.
    static let editInterval = Duration.seconds(1)

    /// Options; the defaults are for a TaskManager at the other end of a network.
    public init(
        mostUndelivered: Int = 20_000, mostUndeliveredBytes: Int = 256 << 20, batch: Int = 64, batchesAtOnce: Int = 4,
        gathering: Duration = .milliseconds(4),
        backoff: Backoff = .exponentialJitter(initial: .milliseconds(200), cap: .seconds(60)),
        flush: Duration = .seconds(10)
    ) {
        self.mostUndelivered = max(1, mostUndelivered)
        self.mostUndeliveredBytes = max(1, mostUndeliveredBytes)
        self.batch = max(1, batch)
        self.batchesAtOnce = max(1, batchesAtOnce)
        self.gathering = max(.zero, gathering)
        self.backoff = backoff
        self.flush = flush
    }
}
