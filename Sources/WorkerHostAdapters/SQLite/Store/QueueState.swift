import GRDB

/// The two connections to the queue file.
typealias QueueConnection = StoreConnection<QueueState>

/// What the queue's writer remembers between transactions.
struct QueueState: StoreState {
    static let subject = "queue"
    static let applicationID = Schema.applicationID
    static var migrator: DatabaseMigrator { Schema.migrator }

    var catalog = TypeCatalog()
    /// Whether the last claim found something: then the next one is made without looking first.
    var isBusy = false
    var hosts = HostDirectory()

    mutating func forget() { catalog.reset() }

    static func prepareReading(_ db: Database) throws {
        if try !db.tableExists("task_rows") { try db.execute(sql: Schema.olderFile) }
    }
}
