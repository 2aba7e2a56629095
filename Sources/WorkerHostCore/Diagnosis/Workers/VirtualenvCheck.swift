/// Whether a virtualenv is where it was made, and of the version that its interpreter has.
struct VirtualenvCheck {
    let subject: String
    let virtualenv: Virtualenv
    /// What the interpreter says of itself, if it could be asked.
    let report: ImportReport?

    func run() -> [Diagnosis] {
        let found = [settings, version, home, origin].compactMap { $0() }
        guard found.isEmpty else { return found }
        let python = report?.python ?? virtualenv.version ?? "of an unknown version"
        let packages = virtualenv.seesSystemPackages ? ", with the packages of the system" : ""
        return [finding(.ok, "\(virtualenv.directory), Python \(python)\(packages)", nil)]
    }

    private func settings() -> Diagnosis? {
        if !virtualenv.hasSettings {
            return finding(
                .problem,
                "\(virtualenv.directory) has no pyvenv.cfg: Python does not take it for a virtualenv and does "
                    + "not find its packages", "Make it anew: \(remake).")
        }
        guard let report, let prefix = SmallFile.real(report.prefix), let own = SmallFile.real(virtualenv.directory),
            prefix != own
        else { return nil }
        return finding(
            .problem,
            "its interpreter takes \(report.prefix) for its home and not the virtualenv \(virtualenv.directory)",
            "Make it anew: \(remake).")
    }

    private func version() -> Diagnosis? {
        guard let report, let made = virtualenv.version else { return nil }
        let (now, then) = (Virtualenv.minor(report.python), Virtualenv.minor(made))
        let others = virtualenv.packageVersions.filter { $0 != now }
        guard now != then || (!others.isEmpty && !virtualenv.packageVersions.contains(now)) else { return nil }
        let packages =
            others.isEmpty ? "" : "; its packages in lib/python\(others[0])/site-packages are not seen by it"
        return finding(
            .problem,
            "the virtualenv \(virtualenv.directory) was made for Python \(made), and its interpreter is "
                + "\(report.python) now\(packages)",
            "The Python under it was upgraded. Make it anew: \(remake).")
    }

    private func home() -> Diagnosis? {
        guard let home = virtualenv.home, !SmallFile.exists(home) else { return nil }
        return finding(
            .problem,
            "the virtualenv \(virtualenv.directory) was made from the Python in \(home), which does not exist "
                + "any more", "Install that Python again, or make the virtualenv anew: \(remake).")
    }

    private func origin() -> Diagnosis? {
        guard virtualenv.madeFor != nil || !virtualenv.foreignScripts.isEmpty else { return nil }
        let scripts = virtualenv.foreignScripts
        let start =
            scripts.isEmpty
            ? "'activate' sets VIRTUAL_ENV to the old place"
            : "\(DoctorText.list(scripts)) in its bin still \(scripts.count == 1 ? "starts" : "start") "
                + "another place's python"
        guard let old = virtualenv.madeFor else {
            return finding(.warning, "in the virtualenv \(virtualenv.directory), \(start)", "Make it anew: \(remake).")
        }
        let what = SmallFile.exists("\(old)/pyvenv.cfg") ? "is a copy of \(old)" : "was moved here from \(old)"
        return finding(
            .warning, "the virtualenv \(virtualenv.directory) \(what): \(start)",
            "Virtualenvs cannot be moved or copied. Make it anew where it is to be: \(remake).")
    }

    private var remake: String {
        "python3 -m venv --clear \(virtualenv.directory), and install its packages"
    }

    private func finding(_ status: Diagnosis.Status, _ message: String, _ advice: String?) -> Diagnosis {
        var facts: [String: Diagnosis.Fact] = [
            "virtualenv": .text(virtualenv.directory), "foreign_scripts": .list(virtualenv.foreignScripts),
            "system_site_packages": .flag(virtualenv.seesSystemPackages),
        ]
        if let version = virtualenv.version { facts["made_with"] = .text(version) }
        if let report { facts["python"] = .text(report.python) }
        if let old = virtualenv.madeFor { facts["made_for"] = .text(old) }
        return Diagnosis(status, id: "worker.virtualenv", subject: subject, message, advice: advice, facts: facts)
    }
}
