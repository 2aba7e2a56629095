import ArgumentParser

/// What is to go wrong.
struct FaultOptions: ParsableArguments {
    @Option(help: "Share of completes answered with SQLSTATE[40001], before anything is done; 0 to 1.")
    var deadlockRate = 0.0

    @Option(help: "The same for claims.")
    var claimDeadlockRate = 0.0

    @Option(help: "Share of requests that are carried out and whose connection is closed without an answer.")
    var loseAnswerRate = 0.0

    @Option(help: "Share of answers with a PHP warning before the JSON, and status 200.")
    var htmlWarningRate = 0.0

    @Option(name: .customLong("empty-500-rate"), help: "Share of requests answered with 500 and an empty body.")
    var empty500Rate = 0.0

    @Option(help: "Share of failures that become final at once and are answered with SQLSTATE[40001].")
    var halfFailureRate = 0.0

    @Option(help: "Seconds by which claims look older than they are, as when program and database differ in time zone.")
    var clockSkew = 0.0

    @Option(help: "Requests of one client for one path: N/SECONDS.")
    var rateLimit: String?

    @Option(help: "Milliseconds that each request waits.")
    var delay: Int?

    @Option(help: "Makes the faults repeatable.")
    var seed: UInt64 = 1

    func validate() throws {
        let rates = [deadlockRate, claimDeadlockRate, loseAnswerRate, htmlWarningRate, empty500Rate, halfFailureRate]
        guard rates.allSatisfy({ (0...1).contains($0) }) else { throw ValidationError("A rate must be from 0 to 1.") }
        guard abs(clockSkew) < 1e9 else { throw ValidationError("--clock-skew must be a number of seconds.") }
        if let rateLimit, RateLimiter(rateLimit) == nil {
            throw ValidationError("--rate-limit '\(rateLimit)' must be N/SECONDS, for example 100/60.")
        }
        if let delay, delay < 0 { throw ValidationError("--delay must not be negative.") }
    }

    var rates: Faults.Rates {
        Faults.Rates(
            deadlock: deadlockRate, claimDeadlock: claimDeadlockRate, lostAnswer: loseAnswerRate,
            htmlWarning: htmlWarningRate, empty500: empty500Rate, halfFailure: halfFailureRate)
    }
}
