#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A null-terminated array of C strings, as `execve` takes it.
///
/// `@unchecked`: written in `init` only and freed in `deinit`.
final class CStringArray: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointer = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { pointer[index] = Self.copy(string) }
        pointer[count] = nil
    }

    deinit {
        for index in 0..<count { pointer[index]?.deallocate() }
        pointer.deallocate()
    }

    /// Calls `body` with this array's strings followed by the other's.
    func merged<Result>(
        with other: CStringArray, _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        if other.count == 0 { return body(UnsafePointer(pointer)) }
        return withUnsafeTemporaryAllocation(
            of: UnsafeMutablePointer<CChar>?.self, capacity: count + other.count + 1
        ) { buffer in
            for index in 0..<count { buffer.initializeElement(at: index, to: pointer[index]) }
            for index in 0...other.count { buffer.initializeElement(at: count + index, to: other.pointer[index]) }
            guard let start = buffer.baseAddress else { return body(UnsafePointer(pointer)) }
            return body(UnsafePointer(start))
        }
    }

    /// The text up to its first NUL as a C string of its own.
    static func copy(_ string: String) -> UnsafeMutablePointer<CChar> {
        let bytes = Array(string.utf8.prefix { $0 != 0 })
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[bytes.count] = 0
        return copy
    }
}
