import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Notes which attempts run, in memory that outlives the process: a shared mapping of a file.
///
/// Costs a copy of some bytes per attempt, no system call. The file is locked as long as the host lives; a host that
/// finds an unlocked one knows that its owner died, and which attempts it had started (``AbandonedFlights``).
///
/// `@unchecked`: each slot's memory is written by the one lane that holds the slot.
final class FlightRecorder: @unchecked Sendable {
    static let magic: [UInt8] = Array("WHFLT1\n\0".utf8)
    static let slotSize = 512
    static let slotCount = 4096
    static let headerSize = slotSize

    private let descriptor: Int32
    private let path: String
    private let memory: UnsafeMutableRawPointer
    private let slots = Guarded(Slots())

    private struct Slots {
        var next = 0
        /// Given back by lanes that have ended.
        var free: [Int] = []
    }

    /// Creates and locks the file.
    /// - Throws: ``SystemError``.
    init(directory: String, hostID: String) throws(SystemError) {
        path = "\(directory)/\(hostID).flight"
        let temporary = "\(path).new"
        let size = Self.headerSize + Self.slotSize * Self.slotCount
        let descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError(errno, "create \(temporary)") }
        // Locked before it has its name: nobody can take it for a dead host's.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, ftruncate(descriptor, off_t(size)) == 0,
            let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else {
            let error = SystemError(errno, "prepare \(temporary)")
            close(descriptor)
            unlink(temporary)
            throw error
        }
        memory.copyMemory(from: Self.magic, byteCount: Self.magic.count)
        guard rename(temporary, path) == 0 else {
            let error = SystemError(errno, "rename \(temporary) to \(path)")
            munmap(memory, size)
            close(descriptor)
            unlink(temporary)
            throw error
        }
        self.descriptor = descriptor
        self.memory = memory
    }

    deinit {
        munmap(memory, Self.headerSize + Self.slotSize * Self.slotCount)
        close(descriptor)
    }

    /// A slot for one lane; nil when all are taken (a host with more lanes than that goes without).
    func slot() -> Slot? {
        let index = slots.withLock { slots in
            if let index = slots.free.popLast() { return index }
            defer { slots.next += 1 }
            return slots.next
        }
        guard index < Self.slotCount else { return nil }
        return Slot(recorder: self, index: index, memory: memory + Self.headerSize + index * Self.slotSize)
    }

    /// The host has settled everything: no trace is needed.
    func remove() {
        unlink(path)
    }

    /// The memory of one lane. `@unchecked`: used by that lane only.
    final class Slot: @unchecked Sendable {
        private let recorder: FlightRecorder
        private let index: Int
        private let memory: UnsafeMutableRawPointer

        fileprivate init(recorder: FlightRecorder, index: Int, memory: UnsafeMutableRawPointer) {
            self.recorder = recorder
            self.index = index
            self.memory = memory
        }

        deinit { recorder.slots.withLock { $0.free.append(index) } }

        /// Notes an attempt. An id too long for the slot is not noted; its lease will end by time.
        func begin(taskID: String, leaseToken: String) {
            let id = taskID.utf8, token = leaseToken.utf8
            guard id.count + token.count + 6 <= FlightRecorder.slotSize else { return }
            memory.storeBytes(of: UInt16(id.count), toByteOffset: 2, as: UInt16.self)
            memory.storeBytes(of: UInt16(token.count), toByteOffset: 4, as: UInt16.self)
            for (offset, byte) in id.enumerated() {
                memory.storeBytes(of: byte, toByteOffset: 6 + offset, as: UInt8.self)
            }
            for (offset, byte) in token.enumerated() {
                memory.storeBytes(of: byte, toByteOffset: 6 + id.count + offset, as: UInt8.self)
            }
            wh_store_flag(memory, 1)
        }

        /// The attempt is over.
        func end() {
            wh_store_flag(memory, 0)
        }
    }
}
