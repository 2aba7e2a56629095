import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Says that a host lives: a file beside the outbox, locked as long as its process lives, however that ends.
///
/// The flight recorder's way (`hosts/ID.flight`), for an outbox that may lie elsewhere.
final class OwnerLock: Sendable {
    private let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Marks this host as living.
    /// - Throws: ``/WorkerHostCore/SystemError``.
    static func take(outbox: String, owner: String) throws(SystemError) -> OwnerLock {
        let path = path(outbox, owner)
        let temporary = "\(path).new"
        let descriptor = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError(errno, "create \(temporary)") }
        // Locked before it has its name: nobody can take it for a dead host's.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, rename(temporary, path) == 0 else {
            let error = SystemError(errno, "lock \(temporary) and name it \(path)")
            close(descriptor)
            unlink(temporary)
            throw error
        }
        return OwnerLock(path: path, descriptor: descriptor)
    }

    /// The mark of a host that has died, so that nobody else takes it for that meanwhile; nil if it lives. A host
    /// without a file is dead.
    static func ofDead(outbox: String, owner: String) -> Remains? {
        let path = path(outbox, owner)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? Remains(lock: nil) : nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return Remains(lock: OwnerLock(path: path, descriptor: descriptor))
    }

    /// What a dead host left.
    struct Remains {
        fileprivate let lock: OwnerLock?

        /// Its entries have another owner.
        func remove() { lock?.remove() }
    }

    /// The host is done.
    func remove() { unlink(path) }

    private static func path(_ outbox: String, _ owner: String) -> String {
        // The id of a host is letters and digits; an embedder's may be anything.
        let name = owner.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: String(UnicodeScalar(byte))
            default: "_" + String(byte, radix: 16)
            }
        }
        return "\(outbox)-owner-\(name.joined())"
    }
}
