/// Whether the wall clock can be right. Its time zone does not matter: everything is kept in UTC.
struct ClockCheck {
    /// The year of this version; no clock is behind it.
    static let leastYear = 2026
    /// Other machines' clocks and rounding may differ by so much.
    private static let tolerance = Duration.seconds(60)

    let machine: MachineView
    /// The newest time that the TaskManager has stored, if it has any.
    let newest: Timestamp?

    func run() -> Diagnosis {
        let now = machine.now()
        var facts: [String: Diagnosis.Fact] = ["now": .text(now.description)]
        if let newest { facts["newest_stored"] = .text(newest.description) }
        let year = Int(now.description.prefix { $0 != "-" }) ?? 0
        if now.microseconds < 0 || year < Self.leastYear {
            return Diagnosis(
                .problem, id: "machine.clock", subject: "machine",
                "the clock says \(now), which is before this program was made",
                advice: "Set it: 'timedatectl set-ntp true', or chrony. Delays, deadlines and retries go by it.",
                facts: facts)
        }
        if let newest, now.advanced(by: Self.tolerance) < newest {
            return Diagnosis(
                .warning, id: "machine.clock", subject: "machine",
                "the clock says \(now), and the TaskManager has times from "
                    + "\(DoctorText.duration(now.duration(to: newest))) later: it was set back",
                advice: "Set it right ('timedatectl'). No task is lost, but delays and retries are waited for "
                    + "that much longer.", facts: facts)
        }
        return Diagnosis(.ok, id: "machine.clock", subject: "machine", "the clock says \(now)", facts: facts)
    }
}
