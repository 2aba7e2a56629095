#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A queue between tasks and dedicated threads: threads block in ``pop()`` until there is something.
///
/// `@unchecked`: `elements` and the flags are only touched under the pthread mutex, which has a condition variable to
/// wait on (`Synchronization.Mutex` has none).
final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    /// What was taken is nil until its place is reused: nothing is kept alive by having waited here.
    private var elements: [Element?] = []
    private var head = 0
    private var waiting = 0
    private var isClosed = false
    private var isHeld = false

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Adds elements; returns how many threads wait for one now, beyond those that these elements wake. nil when the
    /// queue is closed and has taken nothing.
    @discardableResult
    func push(_ new: [Element]) -> Int? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return nil }
        elements.append(contentsOf: new)
        if new.count == 1 { pthread_cond_signal(condition) } else { pthread_cond_broadcast(condition) }
        return waiting - (elements.count - head)
    }

    /// The next element; blocks until there is one. nil once the queue is closed.
    func pop() -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        waiting += 1
        while head == elements.count || isHeld, !isClosed { pthread_cond_wait(condition, mutex) }
        waiting -= 1
        guard !isClosed else { return nil }
        let element = elements[head].take()
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 256 {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Puts an element in front of all others; false when the queue is closed and has not taken it.
    func putBack(_ element: Element) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return false }
        elements.insert(element, at: head)
        pthread_cond_signal(condition)
        return true
    }

    /// While it is held, ``pop()`` waits even if there are elements.
    func hold(_ isHeld: Bool) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        self.isHeld = isHeld
        if !isHeld { pthread_cond_broadcast(condition) }
    }

    /// How many elements nobody has taken.
    var count: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return elements.count - head
    }

    /// Takes out everything that nobody has taken yet, if `condition` holds for the first.
    func drain(if condition: (Element) -> Bool = { _ in true }) -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard head < elements.count, let first = elements[head], condition(first) else { return [] }
        return takeRest()
    }

    /// Takes out the first element that fits, if nobody has taken it yet.
    func remove(where fits: (Element) -> Bool) -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard let index = elements[head...].firstIndex(where: { $0.map(fits) ?? false }) else { return nil }
        return elements.remove(at: index)
    }

    /// Ends every wait, now and later; what is still queued is returned.
    func close() -> [Element] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        isClosed = true
        pthread_cond_broadcast(condition)
        return takeRest()
    }

    /// With the mutex held.
    private func takeRest() -> [Element] {
        let rest = elements[head...].compactMap { $0 }
        elements.removeAll()
        head = 0
        return rest
    }
}
