/// The room and the kind of file system where something is kept.
package struct StorageCheck {
    /// Less than this is used up by a few outcomes.
    private static let least: UInt64 = 64 << 20
    /// Less than this is used up by a flood of tasks.
    private static let little: UInt64 = 512 << 20
    private static let fewFiles: UInt64 = 1000

    private let machine: MachineView
    private let id: String
    private let subject: String
    private let directory: String

    /// A check of the file system that `directory`, which exists, lies on.
    package init(machine: MachineView, id: String, subject: String, directory: String) {
        self.machine = machine
        self.id = id
        self.subject = subject
        self.directory = directory
    }

    /// What is wrong; nil if nothing is.
    package func run() -> Diagnosis? { fileSystem() ?? space() }

    private func fileSystem() -> Diagnosis? {
        guard let kind = machine.fileSystem(of: directory) else { return nil }
        let facts: [String: Diagnosis.Fact] = ["directory": .text(directory), "file_system": .text(kind)]
        if FileSystemKind.isNetwork(kind) {
            return Diagnosis(
                .problem, id: "\(id).file_system", subject: subject,
                "\(directory) lies on a network file system (\(kind)), whose locks and shared memory do not hold "
                    + "between machines",
                advice: "Move it to a local disk.", facts: facts)
        }
        if FileSystemKind.isDoubtful(kind) {
            return Diagnosis(
                .warning, id: "\(id).file_system", subject: subject,
                "\(directory) lies on a file system (\(kind)) that may not support locks between programs",
                advice: "Move it to a local disk, unless you know what stands behind it.", facts: facts)
        }
        return nil
    }

    private func space() -> Diagnosis? {
        guard let space = machine.space(directory) else { return nil }
        var facts: [String: Diagnosis.Fact] = [
            "directory": .text(directory), "free_bytes": .number(Int(clamping: space.freeBytes)),
        ]
        if let files = space.freeFiles { facts["free_files"] = .number(Int(clamping: files)) }
        let free = DoctorText.bytes(Int(clamping: space.freeBytes))
        if space.freeBytes < Self.little {
            return Diagnosis(
                space.freeBytes < Self.least ? .problem : .warning, id: "\(id).space", subject: subject,
                "\(free) are free on the disk of \(directory)",
                advice: "Make room ('du -x', 'journalctl --vacuum-size'), or move it to a larger disk.", facts: facts)
        }
        if let files = space.freeFiles, files < Self.fewFiles {
            return Diagnosis(
                files == 0 ? .problem : .warning, id: "\(id).space", subject: subject,
                "\(files) more files can be made on the disk of \(directory)",
                advice: "Its inodes are used up ('df -i'): remove files, or move it to another disk.", facts: facts)
        }
        return nil
    }
}
