/// Bytes that are written once, one behind the other; grows by doubling.
///
/// An array would check on each byte whether it is shared.
struct ByteSink: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// A copy of exactly what was written.
    var array: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

    /// Makes room for so many bytes more.
    @inline(__always)
    mutating func reserve(_ additional: Int) {
        if capacity - count < additional { grow(additional) }
    }

    private mutating func grow(_ additional: Int) {
        let larger = max(capacity * 2, count + additional)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.moveInitialize(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count += 1
    }

    /// A byte and a number behind it, its highest byte first.
    @inline(__always)
    mutating func put<Number: FixedWidthInteger>(_ byte: UInt8, _ number: Number) {
        let size = MemoryLayout<Number>.size
        reserve(1 + size)
        base[count] = byte
        UnsafeMutableRawPointer(base + count + 1).storeBytes(of: number.bigEndian, as: Number.self)
        count += 1 + size
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafePointer<UInt8>, count length: Int) {
        reserve(length)
        (base + count).update(from: bytes, count: length)
        count += length
    }

    /// Appends the beginning of `readable` bytes; short ones without a call.
    @inline(__always)
    mutating func append(_ bytes: UnsafePointer<UInt8>, count length: Int, readable: Int) {
        guard length <= 16, readable >= 16 else { return append(bytes, count: length) }
        reserve(16)
        let target = UnsafeMutableRawPointer(base + count)
        let source = UnsafeRawPointer(bytes)
        target.storeBytes(of: source.loadUnaligned(as: UInt64.self), as: UInt64.self)
        (target + 8).storeBytes(of: (source + 8).loadUnaligned(as: UInt64.self), as: UInt64.self)
        count += length
    }

    mutating func append(_ text: StaticString) {
        append(text.utf8Start, count: text.utf8CodeUnitCount)
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            if let start = utf8.baseAddress { append(start, count: utf8.count) }
        }
    }

    /// Lets `body` write at most `most` bytes; it returns how many it wrote.
    @inline(__always)
    mutating func write(atMost most: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        reserve(most)
        count += body(base + count)
    }

    /// Changes bytes that were written already.
    func patch(at offset: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) { body(base + offset) }

    /// Puts so many bytes in front of others, moving these up; returns nothing in the gap that means anything.
    mutating func move(_ range: Range<Int>, up distance: Int) {
        (base + range.lowerBound + distance).update(from: base + range.lowerBound, count: range.count)
    }

    /// Counts bytes behind the end as written, after `reserve`.
    mutating func extend(by additional: Int) { count += additional }
}
