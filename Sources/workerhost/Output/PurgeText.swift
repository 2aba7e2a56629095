import WorkerHostCore
import WorkerHostSQLite

/// What `purge` did.
struct PurgeText {
    let keep: TaskManagerConfiguration.Retention
    let isDryRun: Bool
    /// nil if the queue file does not exist yet.
    var result: PurgeReport?
    var storage: QueueStorage?
    var compactedBytes: Int64?

    init(keep: TaskManagerConfiguration.Retention, isDryRun: Bool) {
        self.keep = keep
        self.isDryRun = isDryRun
    }

    private var freed: Int64 { (result?.freedBytes ?? 0) + (compactedBytes ?? 0) }

    /// One JSON object.
    func json() -> [UInt8] {
        var object = JSONObjectText()
        object.flag("dry_run", isDryRun)
        object.object("removed") {
            $0.number("completed", result?.completed ?? 0)
            $0.number("failed", result?.failed ?? 0)
        }
        object.number("freed_bytes", Int(freed))
        object.number("size_bytes", Int(storage?.totalSize ?? 0))
        object.number("free_bytes", Int(storage?.freeBytes ?? 0))
        object.object("keep") { RetentionText(keep).add(to: &$0) }
        return object.finished
    }

    /// For people.
    var lines: [String] {
        guard let result else { return ["There is no queue yet: nothing to remove."] }
        let verb = isDryRun ? "would be removed" : "removed"
        var lines = [
            "completed  \(HumanText.count(result.completed)) \(verb) (\(RetentionText(keep).completed))",
            "failed     \(HumanText.count(result.failed)) \(verb) (\(RetentionText(keep).failed))",
        ]
        guard let storage, !isDryRun else { return lines }
        let change = freed > 0 ? ", \(HumanText.bytes(freed)) less than before" : ""
        lines.append("queue      \(HumanText.bytes(storage.totalSize))\(change)")
        if !storage.canShrink, storage.freeBytes > 0 {
            lines.append(
                "           \(HumanText.bytes(storage.freeBytes)) of it are free for new tasks; 'workerhost purge "
                    + "--compact' gives them back")
        }
        return lines
    }
}
