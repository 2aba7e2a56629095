import Foundation
import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The command `openssl`: certificates of a test's own, and a server with them.
struct OpenSSL {
    let directory: String

    /// An authority, and certificates for a server on this machine and for a client.
    init() throws {
        directory = NSTemporaryDirectory() + "workerhost-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            file("ca.key"),
            "-out", file("ca.pem"), "-days", "2", "-subj", "/CN=Test authority")
        try Data("subjectAltName=IP:127.0.0.1,DNS:localhost\n".utf8).write(to: URL(fileURLWithPath: file("names")))
        for name in ["server", "client"] {
            try run(
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                file("\(name).key"), "-out", file("\(name).csr"), "-subj", "/CN=\(name)")
            try run(
                "x509", "-req", "-in", file("\(name).csr"), "-CA", file("ca.pem"), "-CAkey", file("ca.key"),
                "-CAcreateserial", "-out", file("\(name).pem"), "-days", "2", "-extfile", file("names"))
        }
    }

    func file(_ name: String) -> String { "\(directory)/\(name)" }

    func remove() {
        // What is left lies in the temporary directory.
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A server that answers every GET with a page.
    func serve(port: Int, _ more: String...) throws -> pid_t {
        try Self.start(
            [
                "s_server", "-accept", "127.0.0.1:\(port)", "-cert", file("server.pem"), "-key", file("server.key"),
                "-www", "-quiet",
            ]
                + more)
    }

    private func run(_ arguments: String...) throws {
        let pid = try Self.start(arguments)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        guard status == 0 else { throw SystemError(status, "run openssl \(arguments.joined(separator: " "))") }
    }

    static func start(_ arguments: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var words: [UnsafeMutablePointer<CChar>?] = (["openssl"] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, "openssl", &actions, nil, &words, environ)
        guard code == 0 else { throw SystemError(code, "start openssl") }
        return pid
    }
}
