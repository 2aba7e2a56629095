#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Which kind of file system a directory lies on, read from `/proc/self/mountinfo`.
package enum FileSystemKind {
    /// File systems whose files are shared with other machines: their locks or mapped memory are not SQLite's.
    private static let network: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "coda", "ncpfs", "ceph", "lustre", "gfs2", "ocfs2", "beegfs",
        "glusterfs", "fuse.glusterfs", "fuse.sshfs", "fuse.s3fs", "fuse.ceph",
    ]

    /// Whether its files are shared with other machines.
    package static func isNetwork(_ kind: String) -> Bool { network.contains(kind) }

    /// Whether it is not known what stands behind the file system.
    package static func isDoubtful(_ kind: String) -> Bool {
        kind == "9p" || kind == "fuse" || kind.hasPrefix("fuse.") || kind == "virtiofs"
    }

    /// nil when the kernel does not tell.
    package static func of(_ directory: String) -> String? {
        guard let table = SmallFile.bytes(of: "/proc/self/mountinfo", limit: 16 << 20) else { return nil }
        return of(directory, mountinfo: String(decoding: table, as: UTF8.self))
    }

    /// nil when the table of mounts does not have the directory's device.
    package static func of(_ directory: String, mountinfo: String) -> String? {
        var status = stat()
        guard stat(directory, &status) == 0 else { return nil }
        return kind(device: number(of: UInt64(status.st_dev)), in: mountinfo)
    }

    /// A device as the kernel writes it; the bits lie as in `makedev`.
    private static func number(of device: UInt64) -> String {
        let major = (device >> 8 & 0xFFF) | (device >> 32 & ~0xFFF)
        let minor = (device & 0xFF) | (device >> 12 & 0xFFFF_FF00)
        return "\(major):\(minor)"
    }

    /// The kind of the mount with this device number, for example of `36 35 0:52 / /mnt rw - nfs4 server:/ rw`.
    package static func kind(device: String, in mountinfo: String) -> String? {
        for line in mountinfo.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2, fields[2] == device, let dash = fields.firstIndex(of: "-") else { continue }
            return dash + 1 < fields.count ? String(fields[dash + 1]) : nil
        }
        return nil
    }
}
