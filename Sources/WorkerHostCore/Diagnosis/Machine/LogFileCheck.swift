#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Whether the host can write its log file, and rename it when it is full.
struct LogFileCheck {
    let machine: MachineView
    let path: String

    func run() -> [Diagnosis] {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let directory = slash == path.startIndex ? "/" : String(path[..<slash])
        guard access(directory, W_OK | X_OK) == 0 else {
            let reason = SystemError.reason(errno)
            return [
                Diagnosis(
                    .problem, id: "logging", subject: "logging", "no file can be made in \(directory): \(reason)",
                    advice: "Create the directory for user \(machine.user), or set logging.file to another place.")
            ]
        }
        if SmallFile.exists(path), access(path, W_OK) != 0 {
            return [
                Diagnosis(
                    .problem, id: "logging", subject: "logging",
                    "\(path) cannot be written: \(SystemError.reason(errno))",
                    advice: "Give it to user \(machine.user), or set logging.file to another place.")
            ]
        }
        let storage = StorageCheck(machine: machine, id: "logging", subject: "logging", directory: directory).run()
        // A log needs no locks: the kind of the file system does not matter.
        if let storage, storage.id.hasSuffix(".space") { return [storage] }
        return [Diagnosis(.ok, id: "logging", subject: "logging", "\(path) can be written")]
    }
}
