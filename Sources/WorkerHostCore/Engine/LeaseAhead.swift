/// How many tasks beyond the free slots are leased, by the measured run time of a worker's tasks.
///
/// A task that runs for long is leased only when a slot is free for it. Tasks of fractions of a millisecond are leased
/// some ahead, as many as all slots start within ``horizon``, so that no slot waits for the queue and the queue is asked
/// in batches.
struct LeaseAhead: Sendable {
    /// What is leased ahead starts within this time.
    static let horizon = Duration.milliseconds(60)
    /// Never more than so many per slot.
    static let maxPerSlot = 1024
    /// Never more than so many for all slots together, but for one each.
    static let most = 2048

    private static let slow = 5000.0
    private var meanMicroseconds: Double?

    /// Takes the run time of an attempt that has ended.
    mutating func note(_ runTime: Duration) {
        let sample = max(1, Double(runTime.wholeMicroseconds))
        guard let mean = meanMicroseconds else {
            meanMicroseconds = sample
            return
        }
        // A slow task counts at once, others little by little: to lease too much is worse than too little. What is
        // shorter than a time slice may be a process that had to wait for a processor.
        meanMicroseconds = sample > max(mean, Self.slow) ? (mean + sample) / 2 : mean + (sample - mean) / 16
    }

    /// How many tasks may be leased beyond one per slot.
    func depth(slots: Int) -> Int {
        guard let meanMicroseconds else { return 0 }
        let perSlot = Int(Double(Self.horizon.wholeMicroseconds) / meanMicroseconds)
        let most = max(1, Self.most / max(1, slots))
        return min(perSlot, Self.maxPerSlot, most) * slots
    }
}
