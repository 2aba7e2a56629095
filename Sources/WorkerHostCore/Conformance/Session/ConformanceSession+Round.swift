#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// One round: whatever is ready is read and written.
extension ConformanceSession {
    var drainEnd: MonotonicTime { (exitedAt ?? .now).advanced(by: Self.drain) }

    var isOver: Bool {
        hasExited && ((child.standardOutput < 0 && child.standardError < 0) || MonotonicTime.now >= drainEnd)
    }

    func step(until moment: MonotonicTime, _ pause: Int32) {
        let timeout = min(pause, (hasExited ? min(moment, drainEnd) : moment).pollMilliseconds(from: .now))
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 5) { polls in
            polls[0] = pollfd(fd: child.standardOutput, events: Int16(POLLIN), revents: 0)
            polls[1] = pollfd(fd: child.standardError, events: Int16(POLLIN), revents: 0)
            polls[2] = pollfd(fd: hasExited ? -1 : child.exitDescriptor, events: Int16(POLLIN), revents: 0)
            polls[3] = pollfd(fd: control.wake.descriptor, events: Int16(POLLIN), revents: 0)
            polls[4] = pollfd(fd: outgoing.isEmpty ? -1 : child.standardInput, events: Int16(POLLOUT), revents: 0)
            guard poll(polls.baseAddress, 5, timeout) > 0 else { return }
            if polls[4].revents != 0 { flush() }
            if polls[0].revents != 0 { drainOutput() }
            if polls[1].revents != 0 { drainErrors() }
            if polls[3].revents != 0 { control.wake.clear() }
            if polls[2].revents != 0 { exitedAt = .now }
        }
    }

    func flush() {
        guard child.standardInput >= 0 else { return }
        // A closed pipe means that it wants no more input.
        if !outgoing.write(to: child.standardInput) || (closesInput && outgoing.isEmpty) { child.closeInput() }
    }

    func drainOutput() {
        while child.standardOutput >= 0 {
            let count = read(child.standardOutput, scratch.baseAddress, scratch.count)
            if count > 0 {
                firstByteAt = firstByteAt ?? now
                lastByteAt = now
                take(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
                if count < scratch.count { return }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                child.closeOutput()
            } else {
                return
            }
        }
    }

    func drainErrors() {
        while child.standardError >= 0 {
            let count = read(child.standardError, scratch.baseAddress, scratch.count)
            if count > 0 {
                errors.append(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
                if count < scratch.count { return }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                child.closeError()
            } else {
                return
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard frames != nil else { return output.append(bytes) }
        frames?.append(bytes)
        while let frame = frames?.next() { note(frame) }
    }

    func takeRest() {
        if let frame = frames?.finish() { note(frame) }
    }

    private func note(_ frame: Frame) {
        switch frame {
        case .frame(let range):
            let bytes = frames?.bytes(of: range) ?? []
            messages.append(.read(bytes, isMessagePack: isMessagePack, at: now))
        case .overlong(let length):
            let text = "a line of \(length) bytes, more than limits.max_reply_bytes"
            messages.append(SessionMessage(content: .broken(text), at: now))
        case .broken(let error):
            messages.append(SessionMessage(content: .broken("\(error)"), at: now))
        }
    }
}
