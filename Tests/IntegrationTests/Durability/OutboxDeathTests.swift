import Foundation
import Testing

/// kill -9 in the middle of stores and deliveries: every outcome that was accepted reaches the TaskManager.
@Suite struct OutboxDeathTests {
    private static var child: CommandRunner { CommandRunner(executable: CommandRunner.buildDirectory + "/outboxchild") }

    private func lines(of scratch: ScratchDirectory) throws -> [Substring] {
        try scratch.read("delivered").split(separator: "\n")
    }

    @Test(arguments: [1, 40, 200, 600])
    func noAcceptedOutcomeIsLost(_ count: Int) async throws {
        let scratch = try ScratchDirectory()
        var accepted: Set<Substring> = []
        for _ in 0..<4 {
            let host = try Self.child.start([scratch.path, "store", "5000"])
            #expect(await host.wait { $0.outputSoFar.split(separator: "\n").count >= count })
            host.signal(SIGKILL)
            // A line that was cut off by the kill names no outcome.
            let said = await host.outcome().text
            accepted.formUnion(said.prefix(through: said.lastIndex(of: "\n") ?? said.startIndex).split(separator: "\n"))
        }
        accepted.remove("all")
        let last = try await Self.child.run([scratch.path, "drain"])
        #expect(last.code == 0, "\(last)")
        let delivered = try self.lines(of: scratch)
        #expect(accepted.isSubset(of: Set(delivered)), "\(accepted.subtracting(delivered).count) are lost")
        #expect(accepted.count >= 4 * count)
        // What was being delivered when a host died is delivered again: some batches at each of four deaths.
        #expect(delivered.count - Set(delivered).count <= 4 * 4 * 8 * 2)
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(!files.contains { $0.contains("-owner-") }, "\(files)")
    }

    @Test func hostsThatLiveShareAnOutboxAndNothingIsDeliveredTwice() async throws {
        let scratch = try ScratchDirectory()
        let hosts = try (0..<3).map { _ in try Self.child.start([scratch.path, "store", "300"]) }
        for host in hosts { #expect(await host.wait { $0.outputSoFar.hasSuffix("all\n") }) }
        #expect(try await eventually { try lines(of: scratch).count >= 900 })
        for host in hosts {
            host.signal(SIGKILL)
            _ = await host.outcome()
        }
        #expect(try await Self.child.run([scratch.path, "drain"]).code == 0)
        let delivered = try self.lines(of: scratch)
        #expect(Set(delivered).count == 900)
        // Only what was taken and not yet noted when the hosts were killed.
        #expect(delivered.count <= 900 + 3 * 4 * 8)
    }
}
