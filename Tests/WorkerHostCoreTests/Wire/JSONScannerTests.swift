import Foundation
import Testing

@testable import WorkerHostCore

@Suite struct JSONScannerTests {
    @Test(arguments: [
        "0", "-0", "1.5e-10", "1E400", "\"\"", "\"\\u00e9\\n\"", "true", "false", "null", "[]", "{}",
        " [1 , {\"a\" : []}] ",
        "\"é😀\"", "{\"a\":1,\"a\":2}",
    ])
    func validTexts(_ text: String) throws {
        let value = try RawJSON(validating: text)
        #expect(value.text == text.trimmingCharacters(in: .whitespaces))
    }

    @Test(arguments: [
        ("", JSONError(.empty, at: 0)),
        ("{", JSONError(.truncated, at: 1)),
        ("[1,]", JSONError(.unexpectedByte(0x5D), at: 3)),
        ("{\"a\":}", JSONError(.unexpectedByte(0x7D), at: 5)),
        ("{a:1}", JSONError(.unexpectedByte(0x61), at: 1)),
        ("01", JSONError(.trailingBytes, at: 1)),
        ("1.", JSONError(.truncated, at: 2)),
        ("+1", JSONError(.unexpectedByte(0x2B), at: 0)),
        ("\"\u{1}\"", JSONError(.unexpectedByte(1), at: 1)),
        ("\"\\x\"", JSONError(.unexpectedByte(0x78), at: 2)),
        ("tru", JSONError(.truncated, at: 3)),
        ("nul1", JSONError(.unexpectedByte(0x31), at: 3)),
        ("{} {}", JSONError(.trailingBytes, at: 3)),
    ])
    func invalidTexts(_ text: String, _ error: JSONError) {
        #expect(throws: error) { try RawJSON(validating: text) }
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE0, 0x80, 0x80]]
            as [[UInt8]])
    func invalidUTF8IsRefused(_ bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try RawJSON(validating: [0x22] + bytes + [0x22]) }
    }

    @Test func nestingIsBounded() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError(.tooDeep, at: 512)) { try RawJSON(validating: deep) }
    }

    /// The scanner and Foundation agree on what mutated documents are valid, apart from the nesting.
    @Test func agreesWithFoundationOnMutatedDocuments() {
        var random = SeededGenerator(seed: 7)
        let seed = Array(#"{"a":[1,-2.5e3,"x\u0041é",true,null],"b":{"c":false}}"#.utf8)
        for _ in 0..<5000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                if Bool.random(using: &random) {
                    bytes[index] = UInt8.random(in: 0x20...0x7E, using: &random)
                } else {
                    bytes.remove(at: index)
                }
            }
            let accepted = (try? RawJSON(validating: bytes)) != nil
            let reference = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            // Foundation refuses numbers that no Double holds; the scanner passes them on.
            if accepted != reference {
                #expect(
                    accepted && String(decoding: bytes, as: UTF8.self).contains("e"),
                    "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }
}
