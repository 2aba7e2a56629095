import Foundation
import Testing

@testable import WorkerHostCore

/// A Python that has the package `msgpack`: `python3`, or the one that `WORKERHOST_MSGPACK_PYTHON` names.
private enum PythonWithMessagePack {
    private static let python = ProcessInfo.processInfo.environment["WORKERHOST_MSGPACK_PYTHON"] ?? "python3"
    static let isHere = run("import msgpack; assert msgpack.version >= (1,)", []).code == 0

    static func run(_ script: String, _ arguments: [String]) -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", script] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        do { try process.run() } catch { return (-1, "\(error)") }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

/// Against Python's package `msgpack`, which most workers will use.
@Suite struct MessagePackPythonTests {
    /// Reads what the host wrote, compares it with the JSON it came from, and writes it again.
    private static let exchange = """
        import datetime, json, msgpack, struct, sys
        frames, lines, back = sys.argv[1:]
        data, position, out = open(frames, "rb").read(), 0, open(back, "wb")
        def send(packed):
            out.write(struct.pack(">I", len(packed)) + packed)
        for line in open(lines, encoding="utf-8"):
            length, = struct.unpack_from(">I", data, position)
            value = msgpack.unpackb(data[position + 4:position + 4 + length], strict_map_key=True)
            position += 4 + length
            assert repr(value) == repr(json.loads(line)), (line, value)
            send(msgpack.packb(value))
        assert position == len(data)
        moment = datetime.datetime(2026, 1, 31, 12, 0, 0, 123456, datetime.timezone.utc)
        send(msgpack.packb({1: b"a\\xff", "at": moment, "half": 0.5}, datetime=True, use_single_float=True))
        """

    @Test(.enabled(if: PythonWithMessagePack.isHere, "python3 has no package msgpack; see WORKERHOST_MSGPACK_PYTHON"))
    func bothReadWhatTheOtherWrites() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "workerhost-msgpack-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        let paths = ["frames", "lines", "back"].map { folder.appending(path: $0) }
        var documents = RandomJSON(seed: 21)
        var (frames, lines) = (Data(), Data())
        let large = "[\(Array(repeating: "7", count: 70_000).joined(separator: ","))]"
        let plain = (0..<1000).map { _ in documents.document().plain }
        for json in plain + [large] {
            let packed = try JSONToMessagePackTests.pack(Array(json.utf8))
            frames += withUnsafeBytes(of: UInt32(packed.count).bigEndian) { Data($0) } + packed
            lines += Data("\(json)\n".utf8)
        }
        try frames.write(to: paths[0])
        try lines.write(to: paths[1])
        let (code, output) = PythonWithMessagePack.run(Self.exchange, paths.map(\.path))
        #expect(code == 0, "\(output)")

        var reader = FrameReader(.lengthPrefix, limit: 1 << 24)
        try Data(contentsOf: paths[2]).withUnsafeBytes { reader.append($0) }
        var last = ""
        var count = 0
        while case .frame(let range)? = reader.next() {
            let bytes = reader.bytes(of: range)
            last = try MessagePackToJSON.transcode(bytes).text
            count += 1
            // Both choose the smallest forms.
            if count <= plain.count + 1 { #expect(try JSONToMessagePackTests.pack(Array(last.utf8)) == bytes) }
        }
        #expect(count == plain.count + 2 && reader.pendingCount == 0)
        #expect(last == #"{"1":"Yf8=","at":"2026-01-31T12:00:00.123456Z","half":0.5}"#)
    }
}
