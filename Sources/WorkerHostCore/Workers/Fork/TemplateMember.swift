import CWorkerProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One template's process as its keeper sees it. Used by the keeper's thread, which has started it.
final class TemplateMember {
    enum Phase: Sendable, Hashable {
        case starting(until: MonotonicTime)
        case ready
        /// Takes no more tasks; its children still run.
        case retiring
        /// Was told to end.
        case ending(until: MonotonicTime)
        case killed
    }

    let id: Int
    let template: Template
    let child: ChildProcess
    var phase: Phase
    /// It has said that it is ready.
    private(set) var wasReady = false
    /// It is not needed, so that its end is no news.
    var isUnwanted = false
    /// Why the host ended it before it was ready.
    var failure: String?
    /// What it has done instead of saying that it is ready: it does not speak the protocol.
    var otherSpeech: String?
    /// Its end of the socket is closed.
    private var isSilent = false
    private let services: LaneServices
    private var output = LineSplitter()
    private var errors: LineSplitter
    private(set) var errorTail: TailBuffer
    private let identity: WorkerIdentity

    init(
        id: Int, template: Template, child: ChildProcess, configuration: WorkerConfiguration, services: LaneServices
    ) {
        self.id = id
        self.template = template
        self.child = child
        self.services = services
        phase = .starting(until: MonotonicTime.now.advanced(by: configuration.fork.startupTimeout))
        errors = LineSplitter()
        errorTail = TailBuffer(limit: configuration.limits.keptErrorBytes)
        // The slots below are those of the children.
        identity = WorkerIdentity(name: configuration.name, slot: configuration.concurrency, pid: child.pid)
        services.emit([.workerCreated(identity)])
    }

    var isStarting: Bool { if case .starting = phase { true } else { false } }

    var deadline: MonotonicTime? {
        switch phase {
        case .starting(let until), .ending(let until): until
        case .ready, .retiring, .killed: nil
        }
    }

    /// What `poll` is to watch.
    var polls: [pollfd] {
        [
            pollfd(fd: child.standardOutput, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.standardError, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.exitDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: isStarting && !isSilent ? template.channel.startDescriptor : -1, events: Int16(POLLIN | POLLOUT),
                revents: 0),
        ]
    }

    /// Looks whether it is ready.
    /// - Returns: whether it has just become so.
    func hear() -> Bool {
        guard isStarting else { return false }
        switch template.channel.receiveFirst() {
        case .message(.ready):
            phase = .ready
            wasReady = true
            template.becameReady()
            return true
        // The socket has room again: what only a template reads after it is ready was read.
        case .nothing: otherSpeech = "it read its standard input before it said that it is ready"
        // It is about to end, as a rule.
        case .end: isSilent = true
        case .message(.garbage(let text)): otherSpeech = "it said on its standard input, a socket: \(text)"
        case .message: otherSpeech = "it said something else than that it is ready"
        }
        return false
    }

    func drain(_ scratch: UnsafeMutableRawBufferPointer) {
        drain(child.standardOutput, scratch, &output, .standardOutput, child.closeOutput)
        drain(child.standardError, scratch, &errors, .standardError, child.closeError)
    }

    private func drain(
        _ descriptor: Int32, _ scratch: UnsafeMutableRawBufferPointer, _ lines: inout LineSplitter,
        _ stream: WorkerOutput.Stream, _ close: () -> Void
    ) {
        guard descriptor >= 0 else { return }
        for _ in 0..<PoolLane.readsPerRound {
            let count = read(descriptor, scratch.baseAddress, scratch.count)
            if count > 0 {
                let chunk = UnsafeRawBufferPointer(rebasing: scratch[..<count])
                if stream == .standardError { errorTail.append(chunk) }
                if services.passesOutput { passOn(lines.lines(of: chunk), stream) }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                if let rest = lines.rest() { passOn([rest], stream) }
                return close()
            } else {
                return
            }
        }
    }

    private func passOn(_ lines: [String], _ stream: WorkerOutput.Stream) {
        guard services.passesOutput, !lines.isEmpty else { return }
        services.emit([.output(WorkerOutput(worker: identity, taskID: "", stream: stream, lines: lines))])
    }

    func kill() {
        child.signalGroup(SIGKILL)
        phase = .killed
    }

    /// Takes what is left of a process that has ended.
    /// - Returns: how it ended.
    func collect(_ scratch: UnsafeMutableRawBufferPointer) -> ProcessExit.Ending {
        // Before the reap: what it has started beside its children ends with it.
        child.signalGroup(SIGKILL)
        drain(scratch)
        let ending = child.reap()?.ending ?? .unknown
        child.closeAll()
        template.died()
        let reason: TerminationReason =
            switch ending {
            case _ where isUnwanted || failure != nil: .stopped(.shutdown)
            case .exited(let code): .exited(code: code)
            case .signaled(let signal): .signaled(signal)
            case .unknown: .unknown
            }
        services.emit([.workerTerminated(identity, reason)])
        return ending
    }

    var threadCount: Int { ProcessTable.threadCount(of: child.pid) }
}
