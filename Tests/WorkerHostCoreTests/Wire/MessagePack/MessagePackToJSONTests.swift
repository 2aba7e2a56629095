import Foundation
import Testing

@testable import WorkerHostCore

@Suite struct MessagePackToJSONTests {
    private func json(_ bytes: [UInt8]) -> String {
        do throws(MessagePackDecodingError) {
            return try MessagePackToJSON.transcode(bytes).text
        } catch {
            return "error: \(error)"
        }
    }

    /// JSON may be longer than its MessagePack; over the limit it is an error that says where.
    @Test(arguments: [
        ("a4 01 01 01 01", ""), ("92 a4 01 01 01 01 01", "/0"),
        ("81 a1 61 c4 0f" + String(repeating: " 00", count: 15), "/a"),
        ("dc 00 20" + String(repeating: " cc ff", count: 32), "/5"),
    ])
    func moreThanTheLimitIsAnError(_ hex: String, _ place: String) {
        let bytes = hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        func read(_ most: Int) -> String {
            do throws(MessagePackDecodingError) {
                return try bytes.withUnsafeBufferPointer { all throws(MessagePackDecodingError) in
                    try MessagePackToJSON.transcode(all, in: 0..<all.count, most: most).text
                }
            } catch {
                return error.isTooLong ? error.path : "\(error)"
            }
        }
        let whole = json(bytes)
        #expect(read(whole.utf8.count) == whole, "just fits")
        #expect(read(whole.utf8.count - 1) != whole)
        #expect(read(20) == place)
    }

    /// Vectors by the specification's tables, the forms that are longer than need be among them.
    @Test(arguments: [
        ("c0", "null"), ("c2", "false"), ("c3", "true"),
        ("00", "0"), ("7f", "127"), ("cc 05", "5"), ("cc ff", "255"), ("cd 00 05", "5"), ("cd ff ff", "65535"),
        ("ce 80 00 00 00", "2147483648"), ("ce ff ff ff ff", "4294967295"),
        ("cf 00 00 00 01 00 00 00 00", "4294967296"),
        ("cf 80 00 00 00 00 00 00 00", "9223372036854775808"), ("cf ff ff ff ff ff ff ff ff", "18446744073709551615"),
        ("ff", "-1"), ("e0", "-32"), ("d0 df", "-33"), ("d0 7f", "127"), ("d0 80", "-128"), ("d1 ff 7f", "-129"),
        ("d1 80 00", "-32768"), ("d2 80 00 00 00", "-2147483648"), ("d3 ff ff ff ff 7f ff ff ff", "-2147483649"),
        ("d3 80 00 00 00 00 00 00 00", "-9223372036854775808"),
        ("ca 3f c0 00 00", "1.5"), ("ca 3d cc cc cd", "0.1"), ("ca 7f 7f ff ff", "3.4028235e+38"),
        ("ca 80 00 00 00", "-0.0"), ("cb 3f b9 99 99 99 99 99 9a", "0.1"), ("cb 40 59 00 00 00 00 00 00", "100.0"),
        ("cb 43 40 00 00 00 00 00 00", "9007199254740992.0"), ("cb 00 00 00 00 00 00 00 01", "5e-324"),
        ("a0", #""""#), ("a1 61", #""a""#), ("d9 01 61", #""a""#), ("da 00 01 61", #""a""#),
        ("db 00 00 00 01 61", #""a""#),
        ("a9 22 5c 2f 08 0c 0a 0d 09 00", #""\"\\/\u0008\u000c\n\r\t\u0000""#), ("a4 f0 9f 98 80", "\"😀\""),
        ("a1 7f", "\"\u{7F}\""),
        ("c4 00", #""""#), ("c4 01 ff", #""/w==""#), ("c4 02 ff fe", #""//4=""#), ("c4 03 fb ff be", #""+/++""#),
        ("c5 00 04 00 01 02 03", #""AAECAw==""#), ("c6 00 00 00 01 61", #""YQ==""#),
        ("90", "[]"), ("dc 00 00", "[]"), ("dd 00 00 00 01 c0", "[null]"), ("93 01 90 80", "[1,[],{}]"),
        ("80", "{}"), ("de 00 01 a1 61 01", #"{"a":1}"#), ("df 00 00 00 01 a1 61 01", #"{"a":1}"#),
        ("82 a7 63 6f 6d 70 61 63 74 c3 a6 73 63 68 65 6d 61 00", #"{"compact":true,"schema":0}"#),
        ("83 01 a1 61 ff 02 cf ff ff ff ff ff ff ff ff 03", #"{"1":"a","-1":2,"18446744073709551615":3}"#),
        ("d6 ff 00 00 00 00", #""1970-01-01T00:00:00.000Z""#), ("d6 ff 69 7d ee c0", #""2026-01-31T12:00:00.000Z""#),
        ("d7 ff 1d 4f 8a 40 69 7d ee c0", #""2026-01-31T12:00:00.122938Z""#),
        ("c7 0c ff 00 00 00 01 ff ff ff ff ff ff ff ff", #""1969-12-31T23:59:59.000000001Z""#),
        ("c7 0c ff 00 00 03 e8 ff ff ff f1 86 8b 84 00", #""0000-01-01T00:00:00.000001Z""#),
        ("c7 0c ff 3b 9a c9 ff 00 00 00 3a ff f4 41 7f", #""9999-12-31T23:59:59.999999999Z""#),
        ("c8 00 04 ff 38 6d 43 80", #""2000-01-01T00:00:00.000Z""#),
        ("c9 00 00 00 04 ff 38 bb 0c 00", #""2000-02-29T00:00:00.000Z""#),
    ])
    func smallValues(_ hex: String, _ text: String) throws {
        #expect(json(Hex.bytes(hex)) == text)
        _ = try RawJSON(validating: text)
    }

    @Test(arguments: [
        ("", "there is no MessagePack value, at byte 0"),
        ("c1", "the byte C1 is no MessagePack, at byte 0"),
        ("01 01", "something follows the MessagePack value, at byte 1"),
        ("ca 7f c0 00 00", "the float is NaN, which JSON cannot hold; send nil or a text instead, at byte 0"),
        (
            "91 cb 7f f0 00 00 00 00 00 00",
            "/0: the float is Infinity, which JSON cannot hold; send nil or a text instead, at byte 1"
        ),
        (
            "cb ff f0 00 00 00 00 00 00",
            "the float is -Infinity, which JSON cannot hold; send nil or a text instead, at byte 0"
        ),
        ("81 a3 61 2f 62 92 01 a1 ff", "/a~1b/1: a str is not valid UTF-8; send bytes as bin, at byte 7"),
        ("a3 ed a0 80", "a str is not valid UTF-8; send bytes as bin, at byte 0"),
        ("a2 c0 80", "a str is not valid UTF-8; send bytes as bin, at byte 0"),
        ("a1 c3", "a str is not valid UTF-8; send bytes as bin, at byte 0"),
        ("81 05 81 c0 01", "/5: a map's key is nil; keys must be texts or integers, at byte 3"),
        ("81 c4 01 61 01", "a map's key is a bin; keys must be texts or integers, at byte 1"),
        ("81 cb 00 00 00 00 00 00 00 00 01", "a map's key is a float; keys must be texts or integers, at byte 1"),
        ("d4 05 00", "an extension of type 5 has no counterpart in JSON; only timestamps (type -1) do, at byte 0"),
        ("c7 00 80", "an extension of type -128 has no counterpart in JSON; only timestamps (type -1) do, at byte 0"),
        ("d4 ff 00", "a timestamp that is malformed or outside the years 0 to 9999, at byte 0"),
        ("d7 ff ff ff ff ff 00 00 00 00", "a timestamp that is malformed or outside the years 0 to 9999, at byte 0"),
        (
            "c7 0c ff 00 00 00 00 00 00 00 3a ff f4 41 80",
            "a timestamp that is malformed or outside the years 0 to 9999, at byte 0"
        ),
    ])
    func whatIsRefused(_ hex: String, _ text: String) {
        #expect(json(Hex.bytes(hex)) == "error: \(text)")
    }

    /// A length or count beyond what is there, up to 4 GiB, is refused by what is there.
    @Test(arguments: [
        "a1", "bf 61", "d9", "d9 ff 61", "da ff", "da ff ff", "db ff ff ff", "db ff ff ff ff 61", "c4 01",
        "c5 ff ff 00",
        "c6 ff ff ff ff 00", "c7 ff 01", "c8 ff ff 01 00", "c9 ff ff ff ff ff 00", "c9 ff ff ff ff", "d4 ff",
        "d8 ff 00",
        "91", "9f 00", "dc ff ff 00", "dd 3b 9a ca 00 00", "dd ff ff ff ff 00", "81 a1 61", "8f a1 61 01",
        "de ff ff a0 00",
        "df ff ff ff ff a0 00", "cc", "cd 00", "ce 00 00 00", "cf 00 00 00 00 00 00 00", "d0", "d1 00", "d2 00",
        "d3 00",
        "ca 00 00 00", "cb 00", "92 dd ff ff ff ff 00", "81 a1",
    ])
    func whatBreaksOffIsRefused(_ hex: String) {
        #expect(json(Hex.bytes(hex)).contains("breaks off: a length reaches beyond the frame's end"))
        let bytes = Hex.bytes(hex)
        #expect(throws: MessagePackDecodingError.self) {
            try bytes.withUnsafeBufferPointer { _ = try MessagePackScanner.skip($0, from: 0, to: $0.count) }
        }
    }

    @Test func nestingIsBounded() {
        let most = [UInt8](repeating: 0x91, count: 511) + [0x90]
        #expect(json(most) == String(repeating: "[", count: 512) + String(repeating: "]", count: 512))
        #expect(json([0x91] + most).contains("values are nested more than 512 deep"))
        #expect(json([UInt8](repeating: 0x91, count: 1 << 20)).contains("512 deep"))
    }

    @Test func base64IsFoundations() {
        var random = SeededGenerator(seed: 5)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(json([0xC4, UInt8(count)] + bytes) == "\"\(Data(bytes).base64EncodedString())\"")
        }
    }

    @Test func timestampsAreThoseOfTheClock() {
        var random = SeededGenerator(seed: 6)
        for _ in 0..<500 {
            let seconds = Int64.random(in: -62_167_219_200...253_402_300_799, using: &random)
            let bytes = Hex.bytes("c7 0c ff 00 00 00 00") + withUnsafeBytes(of: seconds.bigEndian) { Array($0) }
            #expect(json(bytes) == "\"\(Timestamp(microseconds: seconds * 1_000_000))\"")
        }
    }
}
