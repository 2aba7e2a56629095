import CCurl
import WorkerHostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The client's thread: starts transfers, waits in libcurl until something happens, hands answers over.
///
/// Whole arrays of transfers come in with one wake-up, and answers that are there together leave together. Without
/// transfers the thread sleeps until it is woken.
///
/// `@unchecked`: `multi` may be woken from any thread; all else of libcurl is touched by the one thread only.
final class TransferLoop: @unchecked Sendable {
    private struct Commands {
        var new: [Transfer] = []
        var cancelled: [ObjectIdentifier] = []
        var limit: Int
        /// Whether the thread will look here again before it sleeps.
        var isNoticed = false
        var isClosing = false
        /// The thread has ended or is about to: nothing is taken any more.
        var hasEnded = false
    }

    let address: ServerAddress
    private let settings: HTTPClientSettings
    private let commands: Guarded<Commands>
    private let multi: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer?
    private let common: HeaderList

    init(_ address: ServerAddress, _ settings: HTTPClientSettings, common: HeaderList) throws(HTTPError) {
        guard let multi = curl_multi_init() else {
            throw HTTPError(.settings, url: address.text, message: "libcurl has no memory for its transfers")
        }
        self.multi = multi
        self.address = address
        self.settings = settings
        self.common = common
        commands = Guarded(Commands(limit: settings.maxConcurrent))
        share = curl_share_init()
        if let share { whc_share(share, CURL_LOCK_DATA_SSL_SESSION) }
        whc_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.maxConcurrent)
        whc_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, settings.maxConcurrent)
    }

    /// Starts the thread.
    func start() throws(HTTPError) -> DedicatedThread {
        do throws(SystemError) {
            return try DedicatedThread(name: "http") { self.run() }
        } catch {
            release()
            throw HTTPError(.settings, url: address.text, message: "the client has no thread: \(error)")
        }
    }

    /// Sends transfers; false if the client is closed and has taken none.
    func submit(_ transfers: [Transfer]) -> Bool {
        command { commands in
            commands.new.append(contentsOf: transfers)
        }
    }

    /// Takes transfers back; those that are under way end as cancelled.
    func cancel(_ transfers: [ObjectIdentifier]) {
        _ = command { $0.cancelled.append(contentsOf: transfers) }
    }

    /// How many transfers may be under way at once from now on.
    func setLimit(_ limit: Int) {
        _ = command { $0.limit = max(1, min(limit, settings.maxConcurrent)) }
    }

    /// Ends all transfers as cancelled, and then the thread.
    func close() { _ = command { $0.isClosing = true } }

    private func command(_ change: (inout Commands) -> Void) -> Bool {
        commands.withLock { commands in
            guard !commands.hasEnded else { return false }
            change(&commands)
            if !commands.isNoticed {
                commands.isNoticed = true
                curl_multi_wakeup(multi)
            }
            return true
        }
    }

    private func release() {
        curl_multi_cleanup(multi)
        if let share { curl_share_cleanup(share) }
    }

    // MARK: - On the thread

    private func run() {
        let table = TransferTable(
            address: address, settings: settings, multi: multi, share: share, common: common)
        while true {
            let (new, cancelled, limit, isClosing) = commands.withLock { commands in
                defer {
                    commands.new.removeAll(keepingCapacity: true)
                    commands.cancelled.removeAll(keepingCapacity: true)
                    commands.isNoticed = false
                    if commands.isClosing { commands.hasEnded = true }
                }
                return (commands.new, commands.cancelled, commands.limit, commands.isClosing)
            }
            table.limit = limit
            table.add(new)
            table.cancel(cancelled)
            if isClosing { break }
            var running: Int32 = 0
            repeat {
                table.startWaiting()
                curl_multi_perform(multi, &running)
                table.collect()
            } while table.canStart
            table.deliver()
            curl_multi_poll(multi, nil, 0, table.isEmpty ? Self.longSleep : Self.shortSleep, nil)
            gather(table.underWay)
        }
        table.cancelAll()
        table.deliver()
        table.releaseHandles()
        release()
    }

    /// With many calls under way answers come one close after another, and each would wake the whole host for itself.
    /// So some are waited for: a small part of the time that a call takes then. A few calls wait for nothing.
    private func gather(_ underWay: Int) {
        guard underWay >= Self.many else { return }
        usleep(UInt32(min(Self.longestGathering, Self.gatheringPerCall * underWay)))
    }

    private static let many = 8
    /// In microseconds.
    private static let gatheringPerCall = 10
    private static let longestGathering = 300

    /// Nothing is under way: only a wake-up ends it.
    private static let longSleep: Int32 = 3_600_000
    /// libcurl returns earlier for whatever is due.
    private static let shortSleep: Int32 = 1000
}
