/// How the template of a forked worker is kept (`workers[].fork`).
public struct ForkSettings: Sendable, Hashable {
    /// When a template is replaced because of the worker's files.
    public enum Reload: String, Sendable, Hashable, CaseIterable {
        /// Never.
        case never
        /// When a source file below `project_path` changes.
        case onChange = "on_change"
    }

    /// A template whose memory has grown over so many mebibytes is replaced; nil for never.
    public var maxMemoryMiB: Int?
    /// A template is replaced after it has forked for so many tasks; nil for never.
    public var maxTasks: Int?
    /// From the start of a template until it is ready.
    public var startupTimeout: Duration
    /// When a template is replaced because of the worker's files.
    public var reload: Reload
    /// How long a template that serves may take to answer. One that does not is killed and replaced.
    var answerTimeout: Duration = .seconds(10)

    /// A template with the defaults of the file.
    public init(
        maxMemoryMiB: Int? = nil, maxTasks: Int? = nil, startupTimeout: Duration = .seconds(30), reload: Reload = .never
    ) {
        self.maxMemoryMiB = maxMemoryMiB
        self.maxTasks = maxTasks
        self.startupTimeout = startupTimeout
        self.reload = reload
    }
}
