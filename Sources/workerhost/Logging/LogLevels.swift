import Logging
import WorkerHostCore

extension LogLevel {
    /// The least level of swift-log that is written.
    var threshold: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}

extension Logger.Level {
    /// Python's level of the same weight.
    var python: LogLevel {
        switch self {
        case .trace, .debug: .debug
        case .info, .notice: .info
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }

    /// Python's number, which grows with the weight.
    var pythonNumber: Int {
        switch self {
        case .trace: 5
        case .debug: 10
        case .info: 20
        case .notice: 25
        case .warning: 30
        case .error: 40
        case .critical: 50
        }
    }
}
