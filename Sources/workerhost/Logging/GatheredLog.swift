import Synchronization

/// Gathers the lines of one logger that is told when to write: under load a system call for each line would cost more than
/// the line.
final class GatheredLog: LogOutput {
    /// More is not kept.
    private static let limit = 32 << 10

    private let output: any LogOutput
    private let lines = Mutex<[UInt8]>([])

    /// - Parameter output: where the lines go.
    init(_ output: any LogOutput) {
        self.output = output
    }

    var lostLines: Int { output.lostLines }

    func write(_ lines: [UInt8]) {
        self.lines.withLock { gathered in
            gathered.append(contentsOf: lines)
            if gathered.count >= Self.limit { pass(&gathered) }
        }
    }

    /// Writes what was gathered.
    func flush() {
        lines.withLock { gathered in
            if !gathered.isEmpty { pass(&gathered) }
        }
    }

    private func pass(_ gathered: inout [UInt8]) {
        output.write(gathered)
        gathered.removeAll(keepingCapacity: true)
    }
}
