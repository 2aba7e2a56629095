/// Reads `workers`.
struct WorkerListReader {
    let log: IssueLog
    let paths: PathResolver
    let defaults: WorkerReader.Defaults

    func read(_ top: MapReader) -> [WorkerConfiguration] {
        guard top.require("workers", "a list with at least one worker"),
            let items = top.list("workers", of: "workers")
        else { return [] }
        if items.isEmpty { top.error("workers", "there is no worker", expected: "a list with at least one worker") }
        var names: [String: SourceNode.Origin] = [:]
        return items.compactMap { item in
            guard let section = MapReader(item, keys: ConfigurationReader.keys("workers"), log: log) else { return nil }
            let worker = WorkerReader(section, log: log, paths: paths, defaults: defaults).read()
            guard let worker, let origin = section.value("name")?.origin else { return nil }
            if let first = names[worker.name] {
                var place = ""
                if case .file(let line, _) = first { place = " (the first is on line \(line))" }
                section.error("name", "there are two workers named '\(worker.name)'\(place): names must be unique")
            }
            names[worker.name] = names[worker.name] ?? origin
            return worker
        }
    }
}
