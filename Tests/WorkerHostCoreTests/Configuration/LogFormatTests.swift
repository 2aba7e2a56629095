import Testing
import WorkerHostCore

@Suite struct LogFormatTests {
    private func render(_ format: String) throws -> String {
        try LogFormat(format).render { field in
            switch field {
            case .levelname: "INFO"
            case .message: "hello"
            case .msecs: "7.2"
            case .process: "-42"
            case .created: "1234.5678"
            default: "<\(field.rawValue)>"
            }
        }
    }

    @Test(arguments: [
        ("%(levelname)s: %(message)s", "INFO: hello"), ("%(levelname)-8s|", "INFO    |"),
        ("%(levelname)8s", "    INFO"),
        ("%(levelname).2s", "IN"), ("100%% %(message)s", "100% hello"), ("%(msecs)03d", "007"),
        ("%(process)06d", "-00042"), ("%(created).2f", "1234.57"), ("%(created)f", "1234.567800"),
        ("%(created).0f", "1235"), ("%(name)d", "<name>"), ("", ""),
    ])
    func rendering(format: String, expected: String) throws {
        #expect(try render(format) == expected)
    }

    @Test(arguments: [
        ("%(mesage)s", "message"), ("%(levelName)s", "levelname"),
    ])
    func unknownFieldsNameTheNearest(format: String, expected: String) {
        let error = #expect(throws: LogFormatError.self) { try LogFormat(format) }
        #expect(error?.suggestion == expected)
    }

    @Test(arguments: ["%", "%s", "%(message", "%(message)", "%(message)x", "%(message)99999s"])
    func malformed(format: String) {
        #expect(throws: LogFormatError.self) { try LogFormat(format) }
    }
}
