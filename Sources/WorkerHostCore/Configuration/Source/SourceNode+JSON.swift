extension SourceNode {
    /// The value as JSON; numbers keep their digits, texts that YAML 1.1 takes for something else stay texts.
    func rawJSON() -> RawJSON {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return RawJSON(unchecked: bytes)
    }

    private func write(to bytes: inout [UInt8]) {
        switch content {
        case .null, .invalid: bytes += Array("null".utf8)
        case .scalar(let scalar): Self.write(scalar, to: &bytes)
        case .list(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .map(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONText.append(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ scalar: Scalar, to bytes: inout [UInt8]) {
        // A value from the environment is a text: it is not retyped.
        if !scalar.isSubstituted {
            switch scalar.type {
            case .bool:
                bytes += Array(scalar.text.lowercased().utf8)
                return
            case .number:
                if let canonical = NumberText.canonical(scalar.text) {
                    bytes += Array(canonical.utf8)
                    return
                }
            case .text: break
            }
        }
        JSONText.append(scalar.text, to: &bytes)
    }
}
