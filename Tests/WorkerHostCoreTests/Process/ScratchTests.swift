import Foundation
import Testing

@testable import WorkerHostCore

@Suite struct ScratchTests {
    private let state = NSTemporaryDirectory() + "workerhost-scratch-\(UUID().uuidString)"

    private func worker(_ script: String, environment: [String: String] = [:]) -> SubprocessWorker {
        var configuration = FaultChild.configuration(["ok"], environment: environment)
        configuration.command = ["sh", "-c", script]
        let services = LaneServices(
            emit: { _ in }, flightRecorder: nil, hostMark: "", passesOutput: false,
            scratch: ScratchSpace(stateDirectory: state, hostID: "me"))
        return SubprocessWorker(configuration, environment: ["PATH": "/usr/bin:/bin"], services: services)
    }

    private static let litter = #"""
        cat >/dev/null; mkdir -p "$TMPDIR/a/b"; echo x > "$TMPDIR/a/b/c"; ln -s /etc "$TMPDIR/link"
        echo "{\"success\":true,\"result\":\"$TMPDIR $(ls "$TMPDIR" | wc -l)\"}"
        """#

    @Test func whatAWorkerLeavesInItsTemporaryDirectoryIsRemoved() async throws {
        let worker = worker(Self.litter)
        for _ in 0..<3 {
            let value = await FaultChild.run(worker, FaultChild.task()).value ?? ""
            #expect(value.hasSuffix(" 2\""), "each attempt starts with an empty directory: \(value)")
            let path = value.dropFirst().prefix { $0 != " " }
            #expect(path.hasPrefix(state))
            #expect(try FileManager.default.contentsOfDirectory(atPath: String(path)).isEmpty)
        }
        #expect(FileManager.default.fileExists(atPath: "/etc/passwd"), "links are not followed")
        await worker.close()
    }

    @Test func aWorkerMayRemoveItsDirectory() async {
        let worker = worker(#"cat >/dev/null; rmdir "$TMPDIR" && echo '{"success":true}'"#)
        for _ in 0..<2 { #expect(await FaultChild.run(worker, FaultChild.task()).value == "null") }
        await worker.close()
    }

    @Test func aConfiguredDirectoryStays() async {
        let worker = worker(
            #"cat >/dev/null; echo "{\"success\":true,\"result\":\"$TMPDIR\"}""#, environment: ["TMPDIR": "/var/tmp"])
        #expect(await FaultChild.run(worker, FaultChild.task()).value == #""/var/tmp""#)
        await worker.close()
    }

    @Test func theDirectoriesOfDeadHostsAreSwept() throws {
        for host in ["dead", "alive"] {
            let directory = ScratchSpace(stateDirectory: state, hostID: host).directory(name: "lane")
            try Data().write(to: URL(fileURLWithPath: (directory?.path ?? "") + "/file"))
        }
        ScratchSpace.sweep(stateDirectory: state) { $0 == "alive" }
        #expect(try FileManager.default.contentsOfDirectory(atPath: state + "/tmp") == ["alive"])
        ScratchSpace.sweep(stateDirectory: state + "/nowhere") { _ in false }
    }
}
