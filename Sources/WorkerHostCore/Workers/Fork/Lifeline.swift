import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A pipe that ends when the host does, however that happens. Forked children are no children of the host: each asks the
/// kernel to kill its process group at the end of this pipe.
final class Lifeline: Sendable {
    /// The end that templates and their children get.
    let readEnd: Int32
    private let writeEnd: Int32

    /// - Throws: ``SystemError`` when no descriptor is left.
    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let error = wh_pipe(&ends)
        guard error == 0 else { throw SystemError(error, "open a pipe") }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }
}
