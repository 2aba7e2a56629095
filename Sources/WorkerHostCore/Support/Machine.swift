import CWorkerProcess

extension WorkerConfiguration {
    /// The processor cores that this process may use.
    public static var coreCount: Int { max(1, Int(wh_core_count())) }
}
