import CSQLiteSetup

/// The SQLite library of this process.
public enum SQLiteLibrary {
    /// Settings that are the program's to make, not a library's: SQLite counts no memory, which costs a lock for each
    /// piece that it takes and gives back, about a twentieth of a queue's processor time.
    ///
    /// For a program that uses SQLite through this package only; before it opens anything. Later calls change nothing.
    public static func prepareProgram() { _ = whs_count_no_memory() }
}
