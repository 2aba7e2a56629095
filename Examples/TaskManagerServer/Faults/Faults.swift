import Synchronization

/// What goes wrong on purpose: each rate is the share of requests, from 0 to 1.
final class Faults: Sendable {
    struct Rates: Sendable {
        /// Completes that are answered with a deadlock, before anything is done.
        var deadlock = 0.0
        /// The same for claims.
        var claimDeadlock = 0.0
        /// Requests that are carried out and whose connection is closed without an answer.
        var lostAnswer = 0.0
        /// Answers with PHP's warnings in front of the JSON; their status is 200 then.
        var htmlWarning = 0.0
        /// Requests that are answered with status 500 and nothing, before anything is done.
        var empty500 = 0.0
        /// Failures that are stored as final whatever the attempts, and answered with a deadlock.
        var halfFailure = 0.0
    }

    private let rates: Rates
    private let random: Mutex<SeededRandom>

    init(_ rates: Rates, seed: UInt64) {
        self.rates = rates
        random = Mutex(SeededRandom(seed: seed))
    }

    private func happens(_ rate: Double) -> Bool {
        rate > 0 && random.withLock { Double.random(in: 0..<1, using: &$0) } < rate
    }

    /// An answer instead of the work.
    func beforehand(_ endpoint: Endpoint) -> Answer? {
        guard endpoint.isWork else { return nil }
        if happens(rates.empty500) { return .empty }
        switch endpoint {
        case .complete where happens(rates.deadlock): return .deadlock
        case .claim where happens(rates.claimDeadlock): return .deadlock
        default: return nil
        }
    }

    /// What becomes of the answer when the work is done.
    func afterwards(_ endpoint: Endpoint, _ answer: Answer) -> Answer {
        guard endpoint.isWork else { return answer }
        var answer = answer
        if happens(rates.lostAnswer) { answer.delivery = .isLost }
        if happens(rates.htmlWarning) {
            answer.status = 200
            answer.body = Array(Self.warning.utf8) + answer.body
        }
        return answer
    }

    func halvesFailure() -> Bool { happens(rates.halfFailure) }

    private static let warning = """
        <br />
        <b>Warning</b>:  Undefined variable $actualType in <b>/app/JsonSchemaValidator.php</b> on line <b>70</b><br />

        """
}
