#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Looks at a program that could not be started and says what to do about it.
struct StartAdvice {
    private static let keys = "venv_python or command"

    let path: String
    /// Where the process would have started, to which a relative path belongs.
    let directory: String

    func text(_ code: Int32) -> String {
        switch code {
        case ENOENT: missing
        case EACCES, EPERM: forbidden
        case ENOEXEC:
            "It is no program of this machine: a script needs a first line such as #!/bin/sh, and a binary must be "
                + "built for this processor."
        case E2BIG: "Shorten command and environment of the worker: the kernel takes 128 KiB each and 2 MiB in all."
        case ENOTDIR: "A part of the path is a file: correct \(Self.keys)."
        case ELOOP: "Its symbolic links lead in a circle: correct them, or \(Self.keys)."
        case ENAMETOOLONG: "Correct \(Self.keys)."
        case ETXTBSY: "Another program is writing it: start it when it is complete."
        case ENOMEM: "The machine is short of memory, or max_memory_mb in the worker's limits is less than it needs."
        default: "Check \(Self.keys)."
        }
    }

    /// The file as seen from the process.
    private var file: String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }

    private var missing: String {
        guard path.contains("/") else {
            return "There is no such program in PATH: install it, or write its whole path in command."
        }
        if access(file, F_OK) == 0 { return "The file exists, but \(interpreter)" }
        if let target = linkTarget {
            return "It is a symbolic link to \(target), which does not exist: create the virtualenv anew, or correct "
                + "the link."
        }
        return "Create the virtualenv, or correct \(Self.keys)."
    }

    private var forbidden: String {
        var status = stat()
        if stat(file, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR {
                return "It is a directory: name the program itself in \(Self.keys)."
            }
            if status.st_mode & 0o111 == 0 {
                return "Make it executable for this user (chmod +x), or correct \(Self.keys)."
            }
            if access(file, X_OK) == 0 {
                return "Its file system may be mounted with noexec: move it, or mount it anew."
            }
        }
        return "Let user \(geteuid()) execute it (chmod +x) and enter each directory above it, or correct \(Self.keys)."
    }

    private var linkTarget: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(file, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What the file needs to run, and what is wrong with that.
    private var interpreter: String {
        let head = beginning
        if head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) {
            return "the loader that it was built for does not: it is a program for another system or C library."
        }
        guard head.starts(with: Array("#!".utf8)) else {
            return "something it needs does not: create the virtualenv anew."
        }
        let line = head.dropFirst(2).prefix { $0 != 0x0A }
        let words = String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }
        let name = words.first.map(String.init) ?? ""
        if name.hasSuffix("\r") {
            return "its lines end as on Windows, so the interpreter that its first line names does not: "
                + "convert it (sed -i 's/\\r$//' FILE)."
        }
        return "the interpreter that its first line names does not: \(name). "
            + "Create the virtualenv anew, or correct that line."
    }

    private var beginning: [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }
}
