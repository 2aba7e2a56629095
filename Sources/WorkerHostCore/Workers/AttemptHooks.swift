/// Who is told what while an attempt runs, on the attempt's thread; nothing here may take long. The first argument is
/// the process.
struct AttemptHooks {
    /// The process was started.
    var started: ((Int32) -> Void)?
    /// Lines on standard error, as they are written. Without it nobody wants the output, and stray lines are not told
    /// either.
    var errorLines: ((Int32, [String]) -> Void)?
    /// Lines on standard output that are no reply; once, at the end.
    var strayLines: ((Int32, [String]) -> Void)?
    /// The first byte on standard output has come.
    var outputBegan: ((Int32) -> Void)?
    /// The host did something to the process, or saw something odd.
    var incident: ((Incident) -> Void)?
    /// Looks at the process after each event and at least this often, in milliseconds.
    var look: (every: Int32, body: (Int32) -> Void)?
}
