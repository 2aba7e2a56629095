#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Whether the host can keep in `state_dir` what it keeps there.
struct StateDirectoryCheck {
    private static let subject = "state_dir"
    /// A host's id has 16 letters, and a lane's directory is called `WORKER-SLOT`.
    private static let longestBelow = "/tmp/".utf8.count + 16 + "/100-1000".utf8.count

    let machine: MachineView
    let path: String

    func run() -> [Diagnosis] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return [SmallFile.target(of: path).map(danglingLink) ?? missing()]
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return [
                Diagnosis(
                    .problem, id: "state_dir", subject: Self.subject, "\(path) is not a directory",
                    advice: "Remove the file, or set state_dir to another place.")
            ]
        }
        if let error = writeProbe() {
            return [
                Diagnosis(
                    .problem, id: "state_dir", subject: Self.subject,
                    "no file can be written in \(path): \(error.reason)",
                    advice: "Make it writable for user \(machine.user), or set state_dir to another place.")
            ]
        }
        let findings = [
            StorageCheck(machine: machine, id: "state_dir", subject: Self.subject, directory: path).run(), length(),
        ].compactMap { $0 }
        let fine = Diagnosis(
            .ok, id: "state_dir", subject: Self.subject, "\(path) can be written", facts: ["path": .text(path)])
        return (findings.isEmpty ? [fine] : findings) + Leftovers(stateDirectory: path).diagnoses()
    }

    private func danglingLink(_ target: String) -> Diagnosis {
        Diagnosis(
            .problem, id: "state_dir", subject: Self.subject,
            "\(path) is a symbolic link to \(target), which does not exist",
            advice: "Create what it leads to, or set state_dir to another place.")
    }

    private func missing() -> Diagnosis {
        var parent = path
        repeat {
            parent = String(parent[..<(parent.lastIndex(of: "/") ?? parent.startIndex)])
        } while !parent.isEmpty && !SmallFile.exists(parent)
        if parent.isEmpty { parent = "/" }
        var status = stat()
        let isDirectory = stat(parent, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        if !isDirectory || access(parent, W_OK | X_OK) != 0 {
            let reason = SystemError.reason(isDirectory ? errno : ENOTDIR)
            return Diagnosis(
                .problem, id: "state_dir", subject: Self.subject,
                "\(path) does not exist, and cannot be made in \(parent): \(reason)",
                advice: "Create it for user \(machine.user), or set state_dir to another place.")
        }
        let storage = StorageCheck(machine: machine, id: "state_dir", subject: Self.subject, directory: parent)
        return storage.run() ?? length()
            ?? Diagnosis(
                .ok, id: "state_dir", subject: Self.subject, "\(path) does not exist yet; the first start makes it",
                facts: ["path": .text(path)])
    }

    /// Really writes a file and removes it: rights alone say nothing of quotas and file systems gone read-only.
    private func writeProbe() -> SystemError? {
        let file = "\(path)/.doctor-\(machine.pid)-\(UInt32.random(in: .min ... .max))"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return SystemError(errno, "create \(file)") }
        defer {
            close(descriptor)
            unlink(file)
        }
        let block = [UInt8](repeating: 0x2E, count: 4096)
        let count = block.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        return count == block.count ? nil : SystemError(count < 0 ? errno : ENOSPC, "write \(file)")
    }

    private func length() -> Diagnosis? {
        let most = ScratchSpace.longestPath - Self.longestBelow
        guard path.utf8.count > most else { return nil }
        return Diagnosis(
            .warning, id: "state_dir.length", subject: Self.subject,
            "\(path) has \(path.utf8.count) bytes, too many for sockets below it: workers get the host's TMPDIR in "
                + "place of directories of their own, and what killed ones leave there stays",
            advice: "Set state_dir to a path of at most \(most) bytes, for example /var/lib/workerhost.",
            facts: ["bytes": .number(path.utf8.count), "most": .number(most)])
    }
}
