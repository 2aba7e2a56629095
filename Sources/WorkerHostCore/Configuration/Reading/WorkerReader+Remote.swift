extension WorkerReader {
    /// What a worker is.
    private enum Kind: String, CaseIterable {
        case process
        case http
    }

    /// Reads what the worker is, and the address of one that is a service; false if it is one.
    func readKind(into worker: inout WorkerConfiguration) -> Bool {
        let kind = section.choice("type", default: Kind.process)
        let url = section.text("url", allowsEmpty: false)
        let allowsInsecure = section.bool("allow_insecure", default: false)
        let headers = readHeaders()
        guard kind == .http else {
            for key in ["url", "allow_insecure", "headers"] where section.has(key) {
                section.warning(key, "this key is only for workers with 'type: http'")
            }
            return true
        }
        for key in Self.processKeys where section.has(key) {
            section.warning(key, "a worker with 'type: http' does not use this key")
        }
        noteProcessKeys()
        guard section.require("url", "the address that tasks are sent to, for example https://host/run"), let url else {
            return false
        }
        do throws(ServerAddressError) {
            try ServerAddress(url).check(allowsInsecure: allowsInsecure)
        } catch {
            section.error("url", error.description)
        }
        worker.remote = RemoteWorkerConfiguration(url: url, headers: headers, allowsInsecure: allowsInsecure)
        return false
    }

    private static let processKeys = ["command", "venv_python", "module", "function", "project_path"]

    /// What is not used has no default either.
    private func noteProcessKeys() {
        for key in Self.processKeys {
            section.note(key, nil, default: nil, expectation: "nothing: the worker is a service")
        }
    }

    private func readHeaders() -> [String: Secret] {
        let members = section.freeMap("headers")
        section.noteFree("headers", isUsable: members != nil, expectation: "a mapping of names and texts")
        var headers: [String: Secret] = [:]
        for member in members ?? [] {
            let expectation = "a text"
            var isUsable = false
            if member.key.isEmpty || !member.key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }) {
                log.error(member.keyOrigin, member.value.path, "'\(member.key)' is no name of a header")
            } else if let text = ScalarReader(member.value, log).anyText(expectation) {
                headers[member.key] = Secret(text)
                isUsable = true
            }
            // A header's value is mostly a key.
            log.facts.record(
                member.value.path, member.value, value: isUsable ? Masking.mask : nil, standard: nil, from: nil,
                absence: "none", expectation: expectation)
        }
        return headers
    }
}
