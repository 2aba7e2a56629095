import CCurl
import WorkerHostCore

/// The transfers of one client's thread: those under way, those that wait for their turn, and the answers that are to
/// be handed over. Belongs to that thread.
final class TransferTable {
    private static let mostRedirects = 5

    /// How many may be under way at once.
    var limit: Int
    private let address: ServerAddress
    private let settings: HTTPClientSettings
    private let multi: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer?
    private let common: HeaderList
    private var waiting: [Transfer] = []
    private var head = 0
    private var active: [ObjectIdentifier: EasyHandle] = [:]
    private var idle: [EasyHandle] = []
    private var ended: [(sink: any TransferSink, outcomes: [TransferOutcome])] = []

    init(
        address: ServerAddress, settings: HTTPClientSettings, multi: UnsafeMutableRawPointer,
        share: UnsafeMutableRawPointer?, common: HeaderList
    ) {
        limit = settings.maxConcurrent
        self.address = address
        self.settings = settings
        self.multi = multi
        self.share = share
        self.common = common
    }

    /// How many calls wait for their answers.
    var underWay: Int { active.count }
    /// Whether nothing is under way.
    var isEmpty: Bool { active.isEmpty && head == waiting.count }

    /// Whether something waits that may be under way.
    var canStart: Bool { head < waiting.count && active.count < limit }

    func add(_ transfers: [Transfer]) { waiting.append(contentsOf: transfers) }

    func startWaiting() {
        while canStart {
            let transfer = waiting[head]
            head += 1
            start(transfer)
        }
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 256 {
            waiting.removeFirst(head)
            head = 0
        }
    }

    private func start(_ transfer: Transfer) {
        let handle =
            idle.popLast()
            ?? EasyHandle(settings, common: common, isLoopback: address.isLoopback, share: share)
        guard let handle else {
            end(transfer, .failure(HTTPError(.failed, url: transfer.url, message: "libcurl is out of memory")))
            return
        }
        transfer.startedAt = .now
        handle.load(transfer)
        let code = curl_multi_add_handle(multi, handle.pointer)
        guard code == CURLM_OK else {
            _ = handle.unload()
            let reason = String(cString: curl_multi_strerror(code))
            end(transfer, .failure(HTTPError(.failed, url: transfer.url, message: "libcurl refuses it: \(reason)")))
            return
        }
        active[ObjectIdentifier(transfer)] = handle
    }

    /// Takes what libcurl has finished.
    func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle,
                let handle = EasyHandle.of(pointer), let transfer = handle.transfer
            else { continue }
            // The message is gone with the next call of libcurl.
            let code = message.pointee.data.result
            let result = result(of: transfer, code, handle)
            curl_multi_remove_handle(multi, pointer)
            _ = handle.unload()
            active[ObjectIdentifier(transfer)] = nil
            idle.append(handle)
            if let result { end(transfer, result) } else { waiting.append(transfer) }
        }
    }

    /// What a finished transfer came to; nil if it is to be sent again, to where the server has pointed.
    private func result(
        of transfer: Transfer, _ code: CURLcode, _ handle: EasyHandle
    ) -> Result<HTTPResponse, HTTPError>? {
        if transfer.isTooLarge {
            return .failure(
                HTTPError(
                    .tooLarge, url: transfer.url,
                    message: "the answer is larger than \(settings.maxResponseBytes) bytes"))
        }
        guard code == CURLE_OK else {
            return .failure(
                HTTPError(
                    code, detail: handle.errorDetail, url: transfer.url, wasSent: handle.sentBytes > 0))
        }
        let status = handle.status
        if let target = handle.redirectURL, (300..<400).contains(status) {
            if let error = follow(transfer, status, target) { return .failure(error) }
            return nil
        }
        return .success(
            HTTPResponse(
                status: status, retryAfter: transfer.retryAfter, body: transfer.body,
                wasSentTwice: handle.wasSentTwice))
    }

    /// Points the transfer at where the server sends it; or says why that is not done.
    private func follow(_ transfer: Transfer, _ status: Int, _ target: String) -> HTTPError? {
        func refusal(_ why: String) -> HTTPError {
            HTTPError(
                .redirected, url: transfer.url,
                message:
                    "the server points to \(HTTPError.shown(target)) (status \(status)), \(why): correct the address")
        }
        guard transfer.redirects < Self.mostRedirects else {
            return refusal("after \(Self.mostRedirects) other redirects")
        }
        guard status != 303 || transfer.request.method == .get else {
            return refusal("to be read in place of the call")
        }
        let base = String(target.prefix { $0 != "?" && $0 != "#" })
        // What is no address is another server.
        guard let place = try? ServerAddress(base), place.scheme == address.scheme, place.host == address.host,
            place.port == address.port
        else { return refusal("which is another server; the key is not sent there") }
        transfer.redirects += 1
        transfer.url = target
        transfer.body.removeAll(keepingCapacity: true)
        return nil
    }

    func cancel(_ transfers: [ObjectIdentifier]) {
        guard !transfers.isEmpty else { return }
        for id in transfers {
            if let handle = active.removeValue(forKey: id) { stop(handle) }
        }
        let gone = Set(transfers)
        let rest = waiting[head...]
        guard rest.contains(where: { gone.contains(ObjectIdentifier($0)) }) else { return }
        for transfer in rest where gone.contains(ObjectIdentifier(transfer)) { endCancelled(transfer) }
        waiting = rest.filter { !gone.contains(ObjectIdentifier($0)) }
        head = 0
    }

    func cancelAll() {
        for handle in active.values { stop(handle) }
        active.removeAll()
        for transfer in waiting[head...] { endCancelled(transfer) }
        waiting.removeAll()
        head = 0
    }

    private func stop(_ handle: EasyHandle) {
        curl_multi_remove_handle(multi, handle.pointer)
        if let transfer = handle.unload() { endCancelled(transfer) }
        idle.append(handle)
    }

    private func endCancelled(_ transfer: Transfer) {
        end(
            transfer,
            .failure(HTTPError(.cancelled, url: transfer.url, message: "nobody waits for the answer any more")))
    }

    private func end(_ transfer: Transfer, _ result: Result<HTTPResponse, HTTPError>) {
        let outcome = TransferOutcome(tag: transfer.tag, result: result)
        if let index = ended.firstIndex(where: { $0.sink === transfer.sink }) {
            ended[index].outcomes.append(outcome)
        } else {
            ended.append((transfer.sink, [outcome]))
        }
    }

    /// Hands over all answers that are there, each sink's together.
    func deliver() {
        guard !ended.isEmpty else { return }
        let all = ended
        ended.removeAll(keepingCapacity: true)
        for (sink, outcomes) in all { sink.ended(outcomes) }
    }

    func releaseHandles() { idle.removeAll() }
}
