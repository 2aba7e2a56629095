import Foundation
import WorkerHostCore

/// The records of the hosts that work with one state directory.
struct HostRecordDirectory: Sendable {
    private static let suffix = ".host.json"
    private static let textSuffix = ".configuration"

    private let path: String

    init(stateDirectory: String) {
        path = stateDirectory + "/hosts"
    }

    /// Writes a record in place of the one before, at once and as a whole.
    func write(_ record: HostRecord) throws {
        try replace("\(path)/\(record.id)\(Self.suffix)", record.json, permissions: 0o640)
    }

    /// Keeps the text of the configuration that a host has in force. It may hold what only its owner may read.
    func write(text: String, of id: String) throws {
        try replace("\(path)/\(id)\(Self.textSuffix)", Array(text.utf8), permissions: 0o600)
    }

    /// The text of the configuration that a host has in force; nil if it cannot be read.
    func text(of id: String) -> String? {
        FileManager.default.contents(atPath: "\(path)/\(id)\(Self.textSuffix)").map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func replace(_ file: String, _ bytes: [UInt8], permissions: Int) throws {
        let temporary = file + ".new"
        let manager = FileManager.default
        guard
            manager.createFile(atPath: temporary, contents: Data(bytes), attributes: [.posixPermissions: permissions])
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: temporary]) }
        guard rename(temporary, file) == 0 else {
            let code = errno
            unlink(temporary)
            throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
        }
    }

    /// Removes a host's record.
    func remove(_ id: String) {
        unlink("\(path)/\(id)\(Self.suffix)")
        unlink("\(path)/\(id)\(Self.textSuffix)")
    }

    /// The hosts that live, the oldest configuration first.
    func living() -> [HostRecord] {
        records().filter(\.process.isAlive).sorted { $0.loadedAt < $1.loadedAt }
    }

    /// Removes what hosts left that have died.
    func sweep() {
        for record in records() where !record.process.isAlive { remove(record.id) }
    }

    private func records() -> [HostRecord] {
        // No directory is no host.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(Self.suffix) }.compactMap { name in
            FileManager.default.contents(atPath: "\(path)/\(name)").flatMap { HostRecord(json: Array($0)) }
        }
    }
}
