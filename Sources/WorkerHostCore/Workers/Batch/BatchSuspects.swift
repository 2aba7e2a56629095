/// Tasks without which it is not known who brought a process down: they are run alone until they are answered.
///
/// Bounded: of so many the oldest are forgotten, which costs their neighbours one more run at most.
struct BatchSuspects: Sendable {
    private let most: Int
    private var ids: Set<String> = []
    private var order: [String] = []

    init(most: Int = 10_000) {
        self.most = most
    }

    func contains(_ id: String) -> Bool { ids.contains(id) }

    mutating func insert(_ id: String) {
        guard ids.insert(id).inserted else { return }
        order.append(id)
        guard order.count > most else { return }
        // What was cleared meanwhile goes first; then the older half.
        order = order.filter(ids.contains)
        guard order.count > most else { return }
        for old in order.prefix(order.count / 2) { ids.remove(old) }
        order.removeFirst(order.count / 2)
    }

    mutating func clear(_ id: String) { ids.remove(id) }
}
