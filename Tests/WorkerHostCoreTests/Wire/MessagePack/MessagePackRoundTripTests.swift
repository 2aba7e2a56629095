import Testing

@testable import WorkerHostCore

@Suite struct MessagePackRoundTripTests {
    private func pack(_ json: String) throws -> [UInt8] { try JSONToMessagePackTests.pack(Array(json.utf8)) }

    @Test func randomDocumentsComeBackAsTheyWere() throws {
        var documents = RandomJSON(seed: 1)
        for _ in 0..<1500 {
            let (written, plain) = documents.document()
            let packed = try pack(written)
            #expect(try MessagePackToJSON.transcode(packed).text == plain, "\(written)")
            // White space and escapes make no difference.
            #expect(try pack(plain) == packed)
            // The scanner ends where the value ends, whatever follows.
            let end = try (packed + [0xC1]).withUnsafeBufferPointer {
                try MessagePackScanner.skip($0, from: 0, to: $0.count)
            }
            #expect(end == packed.count)
        }
    }

    @Test func randomDoublesKeepEachBit() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<4000 {
            let bits = UInt64.random(in: 0 ... .max, using: &random)
            // Short ones and those of the usual sizes are read in another way than the others.
            let double =
                Bool.random(using: &random)
                ? Double(bitPattern: bits) : Double(Int64(truncatingIfNeeded: bits >> 30)) / 1000
            guard double.isFinite else { continue }
            let text = double.description
            let packed = [0xCB] + withUnsafeBytes(of: double.bitPattern.bigEndian) { Array($0) }
            #expect(try pack(text) == packed, "\(text)")
            #expect(try MessagePackToJSON.transcode(packed).text == text)
        }
    }

    /// Bytes of any kind end in a value or in an error; what is taken is valid JSON, and the scanner agrees.
    private func check(_ bytes: [UInt8]) {
        let skipped = bytes.withUnsafeBufferPointer { all in
            Result { try MessagePackScanner.skip(all, from: 0, to: all.count) }
        }
        bytes.withUnsafeBufferPointer { _ = MessagePackMessageReader.read($0) }
        do throws(MessagePackDecodingError) {
            let json = try MessagePackToJSON.transcode(bytes)
            #expect(throws: Never.self) { try JSONScanner.validate(json.bytes) }
            if case .success(bytes.count) = skipped {} else { Issue.record("\(Hex.text(bytes)): \(skipped)") }
        } catch {
            #expect(error.offset <= bytes.count)
            if error.reason == .truncated, case .success = skipped { Issue.record("\(Hex.text(bytes)): \(error)") }
        }
    }

    @Test func randomBytesEnd() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<8000 {
            check((0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    @Test func mutatedMessagesEnd() throws {
        var random = SeededGenerator(seed: 4)
        var documents = RandomJSON(seed: 5)
        for _ in 0..<3000 {
            var bytes = Hex.bytes("84 a2 69 64 a1 74 a7 73 75 63 63 65 73 73 c3 a4 6c 6f 67 73 90 a6 72 65 73 75 6c 74")
            bytes += try pack(documents.document().written)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] = UInt8.random(in: 0xC0...0xDF, using: &random)
                case 2: bytes.removeSubrange(max(1, index)...)
                case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                default: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
                }
            }
            check(bytes)
        }
    }
}
