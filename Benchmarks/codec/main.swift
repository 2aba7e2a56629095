#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// MessagePack and frames, each against a bare limit in the same run. Prints JSON lines; ends with 1 if a figure is over
// its limit. Built by codec.sh out of the host's own sources.

/// The processor time of this thread: other load hardly changes it.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The seconds that the fastest of some runs takes for one call.
func fastest(_ body: () throws -> Void) rethrows -> Double {
    var calls = 1
    var best = Double.infinity
    for _ in 0..<12 {
        let start = processorSeconds()
        for _ in 0..<calls { try body() }
        let seconds = processorSeconds() - start
        best = min(best, seconds / Double(calls))
        if seconds < 0.05 { calls = max(calls + 1, Int(0.05 / max(best, 1e-9))) }
    }
    return best
}

func rounded(_ value: Double) -> String {
    let scaled = (value * 100).rounded() / 100
    return scaled.description
}

/// Neither direction may take longer than so many times what the scanner takes to check the same JSON.
let limit = 3.5
var failed = false

@MainActor func codec(_ name: String, _ json: [UInt8]) throws {
    func pack() throws -> [UInt8] {
        var sink = ByteSink(capacity: json.count + 192)
        try JSONToMessagePack.transcode(json, into: &sink)
        return sink.array
    }
    let packed = try pack()
    let target = UnsafeMutableRawBufferPointer.allocate(byteCount: json.count, alignment: 16)
    defer { target.deallocate() }
    let copy = fastest { json.withUnsafeBytes { target.copyMemory(from: $0) } }
    let scan = try fastest { _ = try JSONScanner.validate(json) }
    let writing = try fastest { _ = try pack() }
    let reading = try fastest { _ = try MessagePackToJSON.transcode(packed) }
    let skipping = try fastest {
        try packed.withUnsafeBufferPointer { _ = try MessagePackScanner.skip($0, from: 0, to: $0.count) }
    }
    func rate(_ seconds: Double) -> String { "\(Int(Double(json.count) / seconds / 1e6))" }
    print(
        #"{"benchmark":"codec","document":"\#(name)","json_bytes":\#(json.count),"msgpack_bytes":\#(packed.count),"#
            + #""mb_per_s":{"memcpy":\#(rate(copy)),"json_scan":\#(rate(scan)),"to_msgpack":\#(rate(writing)),"#
            + #""to_json":\#(rate(reading)),"msgpack_skip":\#(rate(skipping))},"#
            + #""to_msgpack_per_scan":\#(rounded(writing / scan)),"to_json_per_scan":\#(rounded(reading / scan)),"limit":\#(limit)}"#
    )
    if max(writing, reading) > limit * scan { failed = true }
}

func read(_ stream: [UInt8], _ framing: Framing, piece: Int) -> Int {
    var reader = FrameReader(framing, limit: 32 << 20)
    var frames = 0
    stream.withUnsafeBytes { all in
        var start = 0
        while start < all.count {
            let end = min(start + piece, all.count)
            reader.append(UnsafeRawBufferPointer(rebasing: all[start..<end]))
            while case .frame? = reader.next() { frames += 1 }
            start = end
        }
    }
    return frames
}

@MainActor func frames(_ name: String, _ framing: Framing, _ frame: [UInt8], count: Int, piece: Int) -> Double {
    let prefix = withUnsafeBytes(of: UInt32(frame.count).bigEndian) { Array($0) }
    let one = framing == .lines ? frame + [0x0A] : prefix + frame
    let stream = [UInt8]([[UInt8]](repeating: one, count: count).joined())
    guard read(stream, framing, piece: piece) == count else { failed = true; return .infinity }
    let seconds = fastest { _ = read(stream, framing, piece: piece) }
    print(
        #"{"benchmark":"frames","stream":"\#(name)","frame_bytes":\#(frame.count),"piece_bytes":\#(piece),"#
            + #""frames_per_s":\#(Int(Double(count) / seconds)),"mb_per_s":\#(Int(Double(stream.count) / seconds / 1e6))}"#
    )
    return seconds / Double(stream.count)
}

let documents = [
    ("reply", Sample.small), ("rows", Sample.rows(4000)), ("numbers", Sample.numbers), ("texts", Sample.texts),
    ("foreign texts", Sample.foreign),
]
let wanted = CommandLine.arguments.dropFirst()
for (name, json) in documents where wanted.isEmpty || wanted.contains(name) { try codec(name, json) }
if !wanted.isEmpty { exit(failed ? 1 : 0) }
_ = frames("lines", .lines, Sample.small, count: 20_000, piece: 64 << 10)
_ = frames("length prefixes", .lengthPrefix, Sample.small, count: 20_000, piece: 64 << 10)
for framing in [Framing.lines, .lengthPrefix] {
    let name = framing == .lines ? "long lines" : "long length prefixes"
    let small = frames(name, framing, [UInt8](repeating: 0x78, count: 64 << 10), count: 64, piece: 4096)
    let large = frames(name, framing, [UInt8](repeating: 0x78, count: 16 << 20), count: 2, piece: 4096)
    // A byte of a large frame may cost more than one of a small frame, as it leaves the caches, but not much.
    if large > small * 16 { failed = true }
}
exit(failed ? 1 : 0)
