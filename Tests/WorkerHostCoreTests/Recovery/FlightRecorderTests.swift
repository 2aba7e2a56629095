import Foundation
import Testing

@testable import WorkerHostCore

@Suite struct FlightRecorderTests {
    private func directory() throws -> String {
        let path = NSTemporaryDirectory() + "workerhost-flights-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func aLivingHostsRecorderIsNotTaken() throws {
        let directory = try directory()
        let recorder = try FlightRecorder(directory: directory, hostID: "alive")
        #expect(AbandonedFlights.find(in: directory).isEmpty)
        withExtendedLifetime(recorder) {}
    }

    @Test func aDeadHostsRecorderTellsWhatRan() throws {
        let directory = try directory()
        var recorder: FlightRecorder? = try FlightRecorder(directory: directory, hostID: "dead")
        let slots = (0..<3).map { _ in recorder?.slot() }
        slots[0]?.begin(taskID: "a/1", leaseToken: "token:7")
        slots[1]?.begin(taskID: "b", leaseToken: "x")
        slots[1]?.end()
        slots[2]?.begin(taskID: String(repeating: "l", count: 600), leaseToken: "too long to be noted")
        let path = directory + "/dead.flight"
        let copy = directory + "/copy.flight"
        // What kill -9 leaves: the file as it is, without its lock.
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        recorder = nil
        withExtendedLifetime(slots) {}
        let flights = AbandonedFlights.find(in: directory).filter { $0.host.id == "copy" }
        let flight = try #require(flights.first)
        #expect(flight.host.started == [DeadHost.StartedAttempt(taskID: "a/1", leaseToken: "token:7")])
        // While it is held nobody else settles it.
        #expect(!AbandonedFlights.find(in: directory).contains { $0.host.id == "copy" })
        flight.remove()
        #expect(!FileManager.default.fileExists(atPath: copy))
    }

    @Test(arguments: [[], [1, 2, 3], Array("WHFLT1\n\0".utf8)] as [[UInt8]])
    func aBrokenFileTellsNothing(_ content: [UInt8]) {
        #expect(AbandonedFlights.started(in: content).isEmpty)
    }

    @Test func aSlotThatMakesNoSenseIsLeftOut() {
        var bytes = FlightRecorder.magic
        bytes += [UInt8](repeating: 0, count: FlightRecorder.headerSize - bytes.count)
        bytes += [1, 0, 0xFF, 0xFF, 1, 0] + [UInt8](repeating: 0x41, count: FlightRecorder.slotSize - 6)
        #expect(AbandonedFlights.started(in: bytes).isEmpty)
    }
}
