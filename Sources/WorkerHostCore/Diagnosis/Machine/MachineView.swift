#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the ``Doctor`` sees of the machine. The real one is ``real``; tests break one thing of it at a time.
public struct MachineView: Sendable {
    /// A limit of this process, as `getrlimit` tells it.
    public enum Resource: Sendable, Hashable {
        /// Open files.
        case openFiles
        /// Processes and threads of the user.
        case processes
        /// The size of core files.
        case coreFile
    }

    /// A soft and a hard limit; nil stands for "unlimited".
    public struct Limit: Sendable, Hashable {
        /// What holds.
        public var soft: UInt64?
        /// As far as it may be raised.
        public var hard: UInt64?

        /// A limit.
        public init(soft: UInt64?, hard: UInt64?) {
            self.soft = soft
            self.hard = hard
        }
    }

    /// The room on a file system.
    public struct Space: Sendable, Hashable {
        /// Bytes that this user may still write.
        public var freeBytes: UInt64
        /// Files that this user may still make; nil where the file system does not count them.
        public var freeFiles: UInt64?

        /// Room.
        public init(freeBytes: UInt64, freeFiles: UInt64?) {
            self.freeBytes = freeBytes
            self.freeFiles = freeFiles
        }
    }

    /// Stands in front of `/proc` and `/sys`; empty for the real ones.
    public var root: String
    /// This process.
    public var pid: Int32
    /// The user it runs as.
    public var user: UInt32
    /// The processor cores that it may use.
    public var coreCount: Int
    /// The wall clock.
    public var now: @Sendable () -> Timestamp
    /// A limit of this process; nil if the kernel does not tell.
    public var limit: @Sendable (Resource) -> Limit?
    /// The room where a path lies; nil if it cannot be told.
    public var space: @Sendable (String) -> Space?
    /// Tries to open a descriptor of a process: 0, or the errno.
    public var processDescriptorError: @Sendable () -> Int32

    /// The content of a file of `/proc` or `/sys`; nil if it cannot be read.
    func text(_ path: String) -> String? {
        guard let bytes = SmallFile.bytes(of: root + path) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As ``text(_:)``, without white space around it.
    func line(_ path: String) -> String? {
        text(path).map { $0.split(whereSeparator: \.isNewline).first.map(String.init) ?? "" }
    }

    /// Which kind of file system a directory lies on.
    package func fileSystem(of directory: String) -> String? {
        text("/proc/self/mountinfo").flatMap { FileSystemKind.of(directory, mountinfo: $0) }
    }
}
