import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a template cannot be asked any more. The first reason stays.
struct TemplateLoss: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String
    /// Its process does not do what it should: it is to be killed.
    var isMisbehaviour = true

    static let ended = TemplateLoss(description: "it has ended", isMisbehaviour: false)
}

/// The host's end of a template's socket: one question and its answer at a time, whichever thread asks.
///
/// `@unchecked`: everything is touched under the pthread mutex only, which is held while an answer is awaited; its owner
/// blocks for the answer timeout at most.
final class TemplateChannel: @unchecked Sendable {
    private static let longestMessage = 64 << 10

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: longestMessage, alignment: 16)
    private let timeout: Duration
    private var socket: Int32
    private var loss: TemplateLoss?

    /// - Parameter socket: closed by ``close()`` or at the end of this object.
    init(socket: Int32, timeout: Duration) {
        self.socket = socket
        self.timeout = timeout
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        if socket >= 0 { Glibc.close(socket) }
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        buffer.deallocate()
    }

    private func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Sends the lifeline and leaves no room for more until it is read.
    func greet(lifeline: Int32) -> Bool {
        locked {
            var descriptor = lifeline
            let greeting = TemplateRequest.lifeline
            guard wh_set_send_buffer(socket, 0) == 0 else { return false }
            let error = wh_send_message(socket, greeting, greeting.count, &descriptor, 1)
            // One that has ended already: how it ended tells why.
            return error == 0 || error == EPIPE || error == ECONNRESET
        }
    }

    /// What `poll` is asked to watch until the template is ready: for `POLLIN` a message, for `POLLOUT` that the greeting
    /// was read.
    var startDescriptor: Int32 { locked { socket } }

    /// What is heard before a template is ready.
    enum FirstWord {
        case message(TemplateMessage)
        case nothing
        /// The other end is closed.
        case end
    }

    /// The first message, if there is one.
    func receiveFirst() -> FirstWord {
        locked {
            let count = recv(socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return count == 0 || errno == ECONNRESET ? .end : .nothing }
            // From here on the socket is used as any other.
            let milliseconds = max(1, timeout.wholeMicroseconds / 1000)
            guard wh_set_send_buffer(socket, 212_992) == 0, wh_set_socket_timeout(socket, milliseconds) == 0 else {
                return .message(.garbage("the socket's options cannot be set"))
            }
            return .message(message(count))
        }
    }

    /// Asks and waits for the answer. A loss is one for all questions that follow.
    func ask(
        _ question: [UInt8], descriptors: (Int32, Int32, Int32)? = nil
    ) throws(TemplateLoss) -> TemplateMessage {
        try locked { () throws(TemplateLoss) in
            if let loss { throw loss }
            do throws(TemplateLoss) {
                return try exchange(question, descriptors)
            } catch {
                loss = error
                throw error
            }
        }
    }

    /// No more questions.
    func lose(_ reason: TemplateLoss) { locked { loss = loss ?? reason } }

    /// Tells the template that nothing more follows.
    func close() {
        locked {
            loss = loss ?? .ended
            if socket >= 0 { Glibc.close(socket) }
            socket = -1
        }
    }

    private func exchange(
        _ question: [UInt8], _ descriptors: (Int32, Int32, Int32)?
    ) throws(TemplateLoss) -> TemplateMessage {
        var sent: Int32
        if let descriptors {
            let all = [descriptors.0, descriptors.1, descriptors.2]
            sent = wh_send_message(socket, question, question.count, all, 3)
        } else {
            sent = wh_send_message(socket, question, question.count, nil, 0)
        }
        if sent == EPIPE || sent == ECONNRESET { throw .ended }
        guard sent == 0 else { throw failure(sent, "send to it") }
        while true {
            let count = recv(socket, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return message(count) }
            if count == 0 || errno == ECONNRESET { throw .ended }
            if errno != EINTR { throw failure(errno, "hear from it") }
        }
    }

    private func failure(_ code: Int32, _ action: String) -> TemplateLoss {
        if code == EAGAIN { return TemplateLoss(description: "it did not answer within \(timeout.inSeconds) s") }
        return TemplateLoss(description: SystemError(code, action).description)
    }

    private func message(_ count: Int) -> TemplateMessage {
        TemplateMessage.read(UnsafeRawBufferPointer(rebasing: buffer[..<count]).bindMemory(to: UInt8.self))
    }
}
