/// The API's paths.
enum APIPath {
    static let health = "/health"
    static let register = "/task-types/register"
    static let create = "/tasks"
    static let claim = "/tasks/claim"

    /// The list of tasks of that type that are claimed.
    static func claimed(_ type: String, limit: Int) -> String {
        "\(create)?status=claimed&type=\(encoded(type))&limit=\(limit)&offset=0"
    }

    static func type(_ name: String) -> String { "/task-types/" + encoded(name) }

    /// The server takes every `/api` out of a path, so a type of such a name is not found by it; where there is none
    /// left of the name, the path is another one. Registering such a type tells its number.
    static func hidesName(ofType name: String) -> Bool { name.hasPrefix("api") }

    /// What is said of such a type.
    static let hiddenName =
        "the server takes '/api' out of the path, so a type whose name begins with 'api' can be used only if this host "
        + "registers it (a 'schema' of its worker, and task_manager.register_task_types: true)"

    static func task(_ id: String) -> String { "/tasks/" + encoded(id) }
    static func complete(_ id: String) -> String { task(id) + "/complete" }
    static func progress(_ id: String) -> String { task(id) + "/progress" }

    /// What may not stand in a path is encoded; the server does not decode it, so it then finds nothing.
    static func encoded(_ text: String) -> String {
        guard !text.utf8.allSatisfy(isPlain) else { return text }
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x3A, 0x40: true
        default: false
        }
    }
}
