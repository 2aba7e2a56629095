#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The flight recorders that dead hosts left behind.
enum AbandonedFlights {
    /// A dead host; as long as this value lives, no other host settles it.
    final class Flight {
        let host: DeadHost
        private let path: String
        private let descriptor: Int32

        fileprivate init(host: DeadHost, path: String, descriptor: Int32) {
            self.host = host
            self.path = path
            self.descriptor = descriptor
        }

        deinit { close(descriptor) }

        /// All is settled: the trace goes.
        func remove() { unlink(path) }
    }

    /// Finds the recorders in `directory` whose owner has died.
    static func find(in directory: String) -> [Flight] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var flights: [Flight] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(".flight") else { continue }
            if let flight = open("\(directory)/\(name)", hostID: String(name.dropLast(7))) { flights.append(flight) }
        }
        return flights
    }

    private static func open(_ path: String, hostID: String) -> Flight? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, access(path, F_OK) == 0 else {
            close(descriptor)
            return nil
        }
        let host = DeadHost(id: hostID, started: started(in: content(of: descriptor)))
        return Flight(host: host, path: path, descriptor: descriptor)
    }

    private static func content(of descriptor: Int32) -> [UInt8] {
        let size = FlightRecorder.headerSize + FlightRecorder.slotSize * FlightRecorder.slotCount
        var bytes = [UInt8](repeating: 0, count: size)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return Array(bytes.prefix(max(0, count)))
    }

    /// The attempts noted as running; whatever does not make sense is left out, the lease's end settles it.
    static func started(in bytes: [UInt8]) -> [DeadHost.StartedAttempt] {
        guard bytes.starts(with: FlightRecorder.magic) else { return [] }
        var attempts: [DeadHost.StartedAttempt] = []
        var offset = FlightRecorder.headerSize
        while offset + FlightRecorder.slotSize <= bytes.count {
            let slot = bytes[offset..<offset + FlightRecorder.slotSize]
            offset += FlightRecorder.slotSize
            guard slot[slot.startIndex] == 1 else { continue }
            func number(at index: Int) -> Int {
                Int(slot[slot.startIndex + index]) | Int(slot[slot.startIndex + index + 1]) << 8
            }
            let (idCount, tokenCount) = (number(at: 2), number(at: 4))
            guard idCount > 0, 6 + idCount + tokenCount <= slot.count else { continue }
            let id = slot.dropFirst(6).prefix(idCount)
            let token = slot.dropFirst(6 + idCount).prefix(tokenCount)
            attempts.append(
                DeadHost.StartedAttempt(
                    taskID: String(decoding: id, as: UTF8.self), leaseToken: String(decoding: token, as: UTF8.self)))
        }
        return attempts
    }
}
