/// Tells by its name what is probably a secret.
enum SecretNames {
    private static let words: Set = [
        "key", "keys", "apikey", "token", "tokens", "secret", "secrets", "password", "passwd", "pass", "passphrase",
        "credential", "credentials", "auth", "dsn",
    ]
    private static let parts = ["secret", "password", "passwd", "token", "credential", "apikey"]

    /// Whether a variable or key of this name probably holds a secret: `API_KEY`, `dbPassword`.
    static func contain(_ name: String) -> Bool {
        let lower = name.lowercased()
        if parts.contains(where: lower.contains) { return true }
        return lower.split { !$0.isLetter }.contains { words.contains(String($0)) }
    }
}
