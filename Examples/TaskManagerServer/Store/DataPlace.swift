import Foundation

/// Where the tasks are kept.
struct DataPlace: Sendable {
    let path: String
    private let temporary: String?

    /// - Parameter path: nil for a directory that is removed in the end.
    init(_ path: String?) throws {
        if let path {
            self.path = path
            temporary = nil
        } else {
            let directory = NSTemporaryDirectory() + "taskmanagerserver-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            temporary = directory
            self.path = directory + "/tasks.sqlite"
        }
    }

    func remove() {
        // Nothing depends on it being gone.
        if let temporary { try? FileManager.default.removeItem(atPath: temporary) }
    }
}
