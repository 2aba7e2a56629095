import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension MachineView {
    /// The machine that this process runs on.
    public static var real: MachineView {
        MachineView(
            root: "", pid: getpid(), user: geteuid(), coreCount: WorkerConfiguration.coreCount,
            now: { .now }, limit: { ownLimit($0) }, space: { ownSpace($0) },
            processDescriptorError: {
                let descriptor = wh_pidfd_open(getpid())
                guard descriptor >= 0 else { return errno }
                close(descriptor)
                return 0
            })
    }

    private static func ownLimit(_ resource: Resource) -> Limit? {
        let number =
            switch resource {
            case .openFiles: RLIMIT_NOFILE
            case .processes: __RLIMIT_NPROC
            case .coreFile: RLIMIT_CORE
            }
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(number.rawValue), &limit) == 0 else { return nil }
        func value(_ raw: rlim_t) -> UInt64? { raw == rlim_t.max ? nil : UInt64(raw) }
        return Limit(soft: value(limit.rlim_cur), hard: value(limit.rlim_max))
    }

    private static func ownSpace(_ path: String) -> Space? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return Space(
            freeBytes: overflow ? .max : bytes, freeFiles: status.f_files > 0 ? UInt64(status.f_favail) : nil)
    }
}
