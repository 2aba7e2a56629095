import ArgumentParser

/// Which dead letters `retry` and `discard` act on.
struct DeadLetterTargets: ParsableArguments {
    @Argument(help: ArgumentHelp("The tasks' ids.", valueName: "id"))
    var ids: [String] = []

    @Flag(help: "All dead letters.")
    var all = false

    @OptionGroup(title: "Which dead letters")
    var which: DeadLetterFilterOptions

    @Option(help: "At most so many, the oldest first.")
    var limit: Int?

    @Flag(help: "Print what would be done, and change nothing.")
    var dryRun = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
        if !ids.isEmpty, all || !which.isEmpty || limit != nil {
            throw ValidationError("Name ids, or --all, or filters: ids stand alone.")
        }
        if ids.isEmpty, !all, which.isEmpty {
            throw ValidationError("Name ids, filters (--type, --kind, --error, …), or --all for all dead letters.")
        }
        if all, !which.isEmpty { throw ValidationError("--all means all: leave it out to use filters.") }
    }
}
