import Foundation
import Testing

@testable import WorkerHostCore

@Suite struct JSONToMessagePackTests {
    static func pack(_ json: [UInt8], root: String = "") throws(MessagePackEncodingError) -> [UInt8] {
        var sink = ByteSink(capacity: 0)
        try JSONToMessagePack.transcode(json, into: &sink, root: root)
        return sink.array
    }

    private func pack(_ json: String) throws -> [UInt8] { try Self.pack(Array(json.utf8)) }

    private func failure(_ json: String) -> String? {
        do throws(MessagePackEncodingError) {
            _ = try Self.pack(Array(json.utf8), root: "/params")
            return nil
        } catch {
            return error.description
        }
    }

    /// Vectors by the specification's tables.
    @Test(arguments: [
        ("null", "c0"), ("true", "c3"), ("false", "c2"),
        ("0", "00"), ("-0", "00"), ("1", "01"), ("127", "7f"), ("128", "cc 80"), ("255", "cc ff"),
        ("256", "cd 01 00"), ("65535", "cd ff ff"), ("65536", "ce 00 01 00 00"),
        ("2147483647", "ce 7f ff ff ff"), ("2147483648", "ce 80 00 00 00"), ("4294967295", "ce ff ff ff ff"),
        ("4294967296", "cf 00 00 00 01 00 00 00 00"), ("9223372036854775807", "cf 7f ff ff ff ff ff ff ff"),
        ("9223372036854775808", "cf 80 00 00 00 00 00 00 00"), ("18446744073709551615", "cf ff ff ff ff ff ff ff ff"),
        ("-1", "ff"), ("-32", "e0"), ("-33", "d0 df"), ("-128", "d0 80"), ("-129", "d1 ff 7f"),
        ("-32768", "d1 80 00"), ("-32769", "d2 ff ff 7f ff"), ("-2147483648", "d2 80 00 00 00"),
        ("-2147483649", "d3 ff ff ff ff 7f ff ff ff"), ("-9223372036854775808", "d3 80 00 00 00 00 00 00 00"),
        ("1.0", "cb 3f f0 00 00 00 00 00 00"), ("-1.5", "cb bf f8 00 00 00 00 00 00"),
        ("0.1", "cb 3f b9 99 99 99 99 99 9a"), ("-0.0", "cb 80 00 00 00 00 00 00 00"),
        ("1e2", "cb 40 59 00 00 00 00 00 00"), ("1E-2", "cb 3f 84 7a e1 47 ae 14 7b"),
        ("5e-324", "cb 00 00 00 00 00 00 00 01"), ("1e-400", "cb 00 00 00 00 00 00 00 00"),
        ("1.7976931348623157e308", "cb 7f ef ff ff ff ff ff ff"),
        ("9007199254740993.0", "cb 43 40 00 00 00 00 00 00"),
        ("18446744073709551616.5e0", "cb 43 f0 00 00 00 00 00 00"),
        ("0.1000000000000000055511151231257827021181583404541015625", "cb 3f b9 99 99 99 99 99 9a"),
        (#""""#, "a0"), (#""a""#, "a1 61"), (#""é""#, "a2 c3 a9"), (#""\u00e9""#, "a2 c3 a9"),
        (#""\ud83d\ude00""#, "a4 f0 9f 98 80"), (#""\ud83d""#, "a3 ef bf bd"), (#""\ude00x""#, "a4 ef bf bd 78"),
        (#""\ud83d\ud83d\ude00""#, "a7 ef bf bd f0 9f 98 80"),
        (#""\"\\\/\b\f\n\r\t\u0000""#, "a9 22 5c 2f 08 0c 0a 0d 09 00"),
        ("[]", "90"), ("{}", "80"), (" [ 1 , [ ] , { } ] ", "93 01 90 80"),
        (#"{"compact":true,"schema":0}"#, "82 a7 63 6f 6d 70 61 63 74 c3 a6 73 63 68 65 6d 61 00"),
        (#"{"a":{"b":[1,{"c":null}]},"a":2}"#, "82 a1 61 81 a1 62 92 01 81 a1 63 c0 a1 61 02"),
    ])
    func smallValues(_ json: String, _ hex: String) throws {
        #expect(try Hex.text(pack(json)) == hex)
    }

    @Test(arguments: [
        (31, "bf"), (32, "d9 20"), (255, "d9 ff"), (256, "da 01 00"), (65535, "da ff ff"), (65536, "db 00 01 00 00"),
    ])
    func stringsOfEachLength(_ count: Int, _ header: String) throws {
        let text = String(repeating: "s", count: count)
        #expect(try pack("\"\(text)\"") == Hex.bytes(header) + Array(text.utf8))
        // With an escape the header is known only afterwards.
        let escaped = "\"\\u0073\(text.dropFirst())\""
        #expect(try pack(escaped) == Hex.bytes(header) + Array(text.utf8))
    }

    @Test(arguments: [
        (15, "9f", "8f"), (16, "dc 00 10", "de 00 10"), (65535, "dc ff ff", "de ff ff"),
        (65536, "dd 00 01 00 00", "df 00 01 00 00"),
    ])
    func containersOfEachCount(_ count: Int, _ array: String, _ map: String) throws {
        let array = Hex.bytes(array) + [UInt8](repeating: 7, count: count)
        let map = Hex.bytes(map) + [[UInt8]](repeating: [0xA1, 0x6B, 7], count: count).joined()
        let sevens = "[\(Array(repeating: "7", count: count).joined(separator: ","))]"
        let members = "{\(Array(repeating: "\"k\":7", count: count).joined(separator: ","))}"
        #expect(try pack(sevens) == array)
        #expect(try pack(members) == map)
        // Room for the counts is made in all of them, nested and one behind the other.
        #expect(try pack("[[\(members),\(sevens)],\(sevens)]") == [0x92, 0x92] + map + array + array)
    }

    @Test func largeContainersInsideLargeOnes() throws {
        let row = "[\(Array(repeating: "1", count: 20).joined(separator: ","))]"
        let table = "[\(Array(repeating: row, count: 17).joined(separator: ","))]"
        let bytes = [UInt8](Hex.bytes("dc 00 14")) + [UInt8](repeating: 1, count: 20)
        let expected = Hex.bytes("dc 00 11") + [[UInt8]](repeating: bytes, count: 17).joined()
        #expect(try pack(table) == expected)
        #expect(try pack("{\"a\":\(table)}") == [0x81, 0xA1, 0x61] + expected)
    }

    @Test(arguments: [
        (
            "18446744073709551616",
            "/params: the integer 18446744073709551616 does not fit into 64 bits, the most that MessagePack has; "
                + "send it as a text, or let the worker use format: json"
        ),
        (
            #"{"a/b":[0,{"\u0063":[[],-9223372036854775809]}]}"#,
            "/params/a~1b/1/c/1: the integer -9223372036854775809 does not fit into 64 bits, the most that MessagePack "
                + "has; send it as a text, or let the worker use format: json"
        ),
        (
            #"{"ok":1,"big":1e400}"#,
            "/params/big: the number 1e400 is larger than a 64-bit float can be; send it as a text, or let the worker "
                + "use format: json"
        ),
        (#"{"a":tru}"#, "/params/a: unexpected '}' at byte 8"),
    ])
    func whatCannotBeSentIsNamed(_ json: String, _ text: String) {
        #expect(failure(json) == text)
    }

    @Test func hugeNumbersAreCutInTheError() {
        let text = failure("[\(String(repeating: "9", count: 5000))]")
        #expect(text?.hasPrefix("/params/0: the integer \(String(repeating: "9", count: 48))… does not fit") == true)
    }

    @Test func nestingIsBoundedAsInJSON() throws {
        let most = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(try pack(most) == [UInt8](repeating: 0x91, count: 511) + [0x90])
        #expect(failure("[\(most)]")?.hasSuffix("values are nested more than 512 deep at byte 512") == true)
    }

    @Test func nothingIsAnError() {
        #expect(failure("") == "/params: there is no JSON value")
    }

    /// Bytes that are no JSON are refused where the scanner refuses them; what is no UTF-8 is passed on.
    @Test func agreesWithTheScannerOnMutatedDocuments() {
        var random = SeededGenerator(seed: 3)
        let seed = Array(#" {"a":[1,-2.5e3,"x\u0041é\ud83d\ude00",true,null,0],"b":{"c":false,"d":[]}} "#.utf8)
        for _ in 0..<4000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0x20...0x7E, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.removeSubrange(index...)
                default: bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
            }
            let packed = Result { try Self.pack(bytes) }
            do {
                _ = try JSONScanner.validate(bytes)
                if case .failure(let error) = packed {
                    #expect("\(error)".contains("larger than a 64-bit float"), "\(error)")
                }
            } catch {
                if case .success = packed {
                    #expect(error.reason == .invalidUTF8 || String(bytes: bytes, encoding: .utf8) == nil)
                }
            }
        }
    }
}
