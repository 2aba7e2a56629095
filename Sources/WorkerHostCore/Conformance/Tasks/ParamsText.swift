/// Parameters with something added; their own bytes stay.
struct ParamsText {
    private let params: [UInt8]

    init(_ params: RawJSON) {
        self.params = params.bytes
    }

    /// With one more member.
    func adding(_ name: String, _ value: [UInt8]) -> [UInt8] {
        guard let end = params.lastIndex(of: 0x7D) else { return params }
        let isEmpty = params[..<end].allSatisfy { [0x7B, 0x20, 0x09, 0x0A, 0x0D].contains($0) }
        var member: [UInt8] = isEmpty ? [] : [0x2C]
        JSONText.append(name, to: &member)
        return params[..<end] + member + [0x3A] + value + [0x7D]
    }

    /// With something appended to each text that is a direct member.
    func appendingToTexts(_ suffix: [UInt8]) -> RawJSON {
        var ends: [Int] = []
        params.withUnsafeBufferPointer { bytes in
            do throws(JSONError) {
                try JSONScanner.members(of: bytes, in: 0..<bytes.count) { member in
                    if bytes[member.value.lowerBound] == 0x22 { ends.append(member.value.upperBound - 1) }
                }
            } catch {
                // No object: nothing to append to.
                ends = []
            }
        }
        var result = params
        for end in ends.reversed() { result.insert(contentsOf: suffix, at: end) }
        return RawJSON(unchecked: result)
    }
}
