/// A value that a reader gives, as a fact shows it.
protocol FactValue {
    var shown: RawJSON { get }
}

extension String: FactValue {
    var shown: RawJSON {
        var bytes: [UInt8] = []
        JSONText.append(self, to: &bytes)
        return RawJSON(unchecked: bytes)
    }
}

extension Int: FactValue {
    var shown: RawJSON { RawJSON(unchecked: Array(String(self).utf8)) }
}

extension Bool: FactValue {
    var shown: RawJSON { RawJSON(unchecked: Array((self ? "true" : "false").utf8)) }
}

extension Duration: FactValue {
    var shown: RawJSON { DurationText.text(self).shown }
}

extension RawJSON: FactValue {
    var shown: RawJSON { self }
}

extension Array: FactValue where Element == String {
    var shown: RawJSON {
        var bytes: [UInt8] = [0x5B]
        for (index, text) in enumerated() {
            if index > 0 { bytes += [0x2C, 0x20] }
            bytes += text.shown.bytes
        }
        return RawJSON(unchecked: bytes + [0x5D])
    }
}
