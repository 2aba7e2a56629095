import Testing
import WorkerHostCore

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("https://tasks.example.org/api", "tasks.example.org", 443, "https://tasks.example.org/api"),
        ("HTTP://LocalHost:8080/", "localhost", 8080, "HTTP://LocalHost:8080"),
        ("http://[::1]:81/x//", "::1", 81, "http://[::1]:81/x"),
        ("http://127.0.0.2", "127.0.0.2", 80, "http://127.0.0.2"),
    ])
    func parts(_ text: String, _ host: String, _ port: Int, _ shown: String) throws {
        let address = try ServerAddress(text)
        #expect(address.host == host && address.port == port && address.text == shown)
    }

    @Test(arguments: [
        "", "tasks.example.org", "ftp://x", "https://", "https://:80", "https://u:p@x/", "https://x/?k=v",
        "https://x/#y",
        "https://x:0", "https://x:99999", "https://x:a", "https://[::1", "https://[::1]x", "https://a b",
        "https://x/\n",
    ])
    func whatIsNone(_ text: String) {
        #expect(throws: ServerAddressError.self) { _ = try ServerAddress(text) }
    }

    @Test(arguments: [
        ("https://example.org", true), ("http://example.org", false), ("http://localhost", true),
        ("http://a.localhost", true), ("http://127.9.9.9", true), ("http://127.evil.org", false),
        ("http://127.0.0.1.evil.org", false), ("http://[::1]", true), ("http://0.0.0.0", false),
    ])
    func plainHTTPIsForThisMachine(_ text: String, _ isFine: Bool) throws {
        let address = try ServerAddress(text)
        do throws(ServerAddressError) {
            try address.check(allowsInsecure: false)
            #expect(isFine)
        } catch {
            #expect(!isFine && error.description.contains("allow_insecure"))
        }
        try address.check(allowsInsecure: true)
    }
}
