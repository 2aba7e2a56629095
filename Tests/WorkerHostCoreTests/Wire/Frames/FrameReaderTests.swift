import Testing

@testable import WorkerHostCore

@Suite struct FrameReaderTests {
    /// Feeds the stream in pieces and tells what comes out, frames as text.
    private func read(
        _ reader: inout FrameReader, _ stream: [UInt8], pieces: () -> Int = { .max }, finish: Bool = true
    ) -> [String] {
        var found: [String] = []
        func note(_ frame: Frame) {
            switch frame {
            case .frame(let range):
                let text = String(decoding: reader.bytes(of: range), as: UTF8.self)
                #expect(reader.withBytes(of: range) { String(decoding: $0, as: UTF8.self) } == text)
                found.append(text)
            case .overlong(let length): found.append("overlong \(length)")
            case .broken(let error): found.append("broken: \(error)")
            }
        }
        var rest = stream[...]
        repeat {
            let piece = Array(rest.prefix(max(1, pieces())))
            rest = rest.dropFirst(piece.count)
            piece.withUnsafeBytes { reader.append($0) }
            while let frame = reader.next() { note(frame) }
        } while !rest.isEmpty
        if finish, let frame = reader.finish() { note(frame) }
        return found
    }

    private func lines(_ text: String, limit: Int = 8, piece: Int) -> [String] {
        var reader = FrameReader(.lines, limit: limit)
        return read(&reader, Array(text.utf8), pieces: { piece })
    }

    private func prefixed(_ frames: [[UInt8]]) -> [UInt8] {
        frames.flatMap { frame in withUnsafeBytes(of: UInt32(frame.count).bigEndian) { Array($0) } + frame }
    }

    @Test(
        arguments: [
            ("", []),
            ("a\n", ["a"]),
            ("a\r\nb\n\n\r\nc", ["a", "b", "c"]),
            ("a\rb\n", ["a\rb"]),
            (" \n", [" "]),
            ("12345678\n12345678\r\n", ["12345678", "12345678"]),
            ("123456789\nok\n", ["overlong 9", "ok"]),
            ("123456789\r\nok\n", ["overlong 9", "ok"]),
            ("12345678\r9\nok\n", ["overlong 10", "ok"]),
            ("12345678\r\r\nok\n", ["overlong 9", "ok"]),
            ("1234567890123456789012345\nok", ["overlong 25", "ok"]),
            ("1234567890123456789012345", ["overlong 25"]),
            ("a\n123456789\n123456789012\nb\n", ["a", "overlong 9", "overlong 12", "b"]),
        ] as [(String, [String])], [1, 2, 3, 5, 7, 1000])
    func linesInPieces(_ stream: (text: String, frames: [String]), _ piece: Int) {
        #expect(lines(stream.text, piece: piece) == stream.frames)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 9, 1000])
    func lengthPrefixesInPieces(_ piece: Int) {
        var reader = FrameReader(.lengthPrefix, limit: 300)
        let long = [UInt8](repeating: 0x78, count: 300)
        let stream = prefixed([Array("hello".utf8), [], [0x0A], long])
        #expect(
            read(&reader, stream, pieces: { piece })
                == ["hello", "", "\n", String(repeating: "x", count: 300)])
    }

    @Test(arguments: [1, 1000])
    func aPrefixOverTheLimitEndsTheStream(_ piece: Int) {
        var reader = FrameReader(.lengthPrefix, limit: 16)
        let stream = prefixed([[0x61]]) + [0xFF, 0xFF, 0xFF, 0xFF] + prefixed([[0x62]])
        let text = "a frame's length prefix announces 4294967295 bytes, more than the limit of 16"
        #expect(read(&reader, stream, pieces: { piece }) == ["a", "broken: \(text)"])
        #expect(read(&reader, prefixed([[0x62]])).isEmpty)
        #expect(reader.pendingCount == 0)
    }

    @Test(
        arguments: [
            ([0, 0, 0], "after 3 of at least 4 bytes"), ([0, 0, 0, 9, 1, 2], "after 6 of at least 13 bytes"),
        ] as [([UInt8], String)])
    func aStreamThatEndsInsideAFrameIsBroken(_ stream: [UInt8], _ where: String) {
        var reader = FrameReader(.lengthPrefix, limit: 16)
        #expect(read(&reader, stream) == ["broken: the stream ended inside a frame, \(`where`)"])
    }

    @Test func anOverlongLineIsNotKept() {
        var reader = FrameReader(.lines, limit: 1000)
        let piece = [UInt8](repeating: 0x78, count: 4096)
        for _ in 0..<1000 {
            #expect(read(&reader, piece, finish: false).isEmpty)
            #expect(reader.pendingCount == 0)
        }
        #expect(read(&reader, Array("\nnext\n".utf8)) == ["overlong 4096000", "next"])
    }

    @Test func allFramesOfAPieceAreValidTogether() {
        var reader = FrameReader(.lines, limit: 100)
        Array("one\ntwo\nthree\n".utf8).withUnsafeBytes { reader.append($0) }
        var ranges: [Range<Int>] = []
        while case .frame(let range)? = reader.next() { ranges.append(range) }
        #expect(ranges.map { String(decoding: reader.bytes(of: $0), as: UTF8.self) } == ["one", "two", "three"])
    }

    @Test func aLargeFrameInSmallPiecesArrivesWhole() {
        let large = [UInt8](repeating: 0x79, count: 16 << 20)
        for framing in [Framing.lines, .lengthPrefix] {
            var reader = FrameReader(framing, limit: large.count)
            let stream = framing == .lines ? large + [0x0A] : prefixed([large])
            stream.withUnsafeBytes { all in
                var frames: [Frame] = []
                for start in stride(from: 0, to: all.count, by: 4096) {
                    reader.append(UnsafeRawBufferPointer(rebasing: all[start..<min(start + 4096, all.count)]))
                    while let frame = reader.next() { frames.append(frame) }
                }
                let first = framing == .lines ? 0 : 4
                #expect(frames == [.frame(first..<first + large.count)])
            }
            // A small frame afterwards gives the large buffer back.
            let small = framing == .lines ? Array("ok\n".utf8) : prefixed([Array("ok".utf8)])
            #expect(read(&reader, small) == ["ok"])
        }
    }

    /// Random streams in random pieces give what the same streams give in one piece.
    @Test func anyCutGivesTheSameFrames() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<1500 {
            let framing = Bool.random(using: &random) ? Framing.lines : .lengthPrefix
            var stream: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let count = Int.random(in: 0...40, using: &random)
                let alphabet: [UInt8] = [0x61, 0x62, 0x0D, 0x0A, 0x20, 0x63]
                let frame = (0..<count).map { _ in alphabet[Int.random(in: 0..<6, using: &random)] }
                stream += framing == .lines ? frame + [0x0A] : prefixed([frame])
            }
            if !stream.isEmpty, Bool.random(using: &random) { stream.removeLast() }
            var whole = FrameReader(framing, limit: 20)
            var cut = FrameReader(framing, limit: 20)
            let expected = read(&whole, stream)
            #expect(read(&cut, stream, pieces: { Int.random(in: 1...9, using: &random) }) == expected)
        }
    }
}
