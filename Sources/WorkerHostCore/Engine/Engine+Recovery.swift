#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Engine {
    /// Where hosts note what they run.
    private var hostsDirectory: String { "\(configuration.stateDirectory)/hosts" }

    static func newID() -> String {
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        // Short enough that a lease's token, which holds it, needs no memory of its own.
        return String((0..<12).map { _ in digits[Int.random(in: 0..<digits.count)] })
    }

    func prepareStateDirectory() throws -> FlightRecorder {
        do throws(SystemError) {
            try Self.makeDirectories(hostsDirectory)
            return try FlightRecorder(directory: hostsDirectory, hostID: identity.id)
        } catch {
            throw HostError(
                .stateDirectory,
                "the state directory \(configuration.stateDirectory) cannot be used: \(error). Make it writable for this user, or set state_dir."
            )
        }
    }

    /// Settles what hosts that died with this state directory left behind.
    func recoverDeadHosts() async throws {
        for flight in AbandonedFlights.find(in: hostsDirectory) where flight.host.id != identity.id {
            do {
                try await taskManager.recover(flight.host)
            } catch {
                throw HostError(
                    .taskManager,
                    "the tasks of a host that died (\(flight.host.id)) cannot be settled, so this one does not start: "
                        + "\(error)")
            }
            flight.remove()
            bus.emit([
                .hostStateChanged(.recoveredDeadHost(id: flight.host.id, running: flight.host.started.count))
            ])
        }
    }

    /// Where this host's workers put their temporary files.
    var scratch: ScratchSpace {
        ScratchSpace(stateDirectory: configuration.stateDirectory, hostID: identity.id)
    }

    /// Removes the temporary files of hosts that died. A host that lives has its recorder there.
    func sweepScratch(_ housekeeper: Housekeeper) async {
        let (directory, hosts) = (configuration.stateDirectory, hostsDirectory)
        await housekeeper.perform {
            ScratchSpace.sweep(stateDirectory: directory) { access("\(hosts)/\($0).flight", F_OK) == 0 }
        }
    }

    private static func makeDirectories(_ path: String) throws(SystemError) {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/\(part)"
            if mkdir(partial, 0o755) != 0, errno != EEXIST { throw SystemError(errno, "create \(partial)") }
        }
    }
}
