/// The documents that are measured.
enum Sample {
    /// Rows as a scraper or a report has them: integers, decimals, short texts, a few escapes.
    static func rows(_ count: Int) -> [UInt8] {
        let rows = (0..<count).map { row in
            #"{"id":\#(row * 7919),"title":"Video number \#(row): caf\u00e9 & \"more\"","channel":"UCabcdefghijklmnopqrstuv","#
                + #""views":\#(row * row % 9_999_991),"ratio":\#(Double(row % 997) / 1000),"live":\#(row % 2 == 0),"#
                + #""tags":["music","tutorial","2026"],"comment":null}"#
        }
        return Array("{\"rows\":[\(rows.joined(separator: ","))],\"page\":1}".utf8)
    }

    /// One reply as most are: a few hundred bytes.
    static let small = Array(
        (#"{"id":"task-0123456789","success":true,"result":{"greeting":"Hello, Ada!","letters":3,"words":["a","bb","ccc"],"#
            + #""ratio":0.25,"url":"https://example.org/watch?v=dQw4w9WgXcQ","more":{"a":1,"b":true,"c":null}},"#
            + #""logs":[{"level":"INFO","message":"done in 12 ms"}]}"#).utf8)

    /// Long texts without anything to escape.
    static let texts = Array(
        "[\(Array(repeating: "\"\(String(repeating: "plain text ", count: 1500))\"", count: 60).joined(separator: ","))]"
            .utf8)

    /// Long texts in another script.
    static let foreign = Array(
        "[\(Array(repeating: "\"\(String(repeating: "漢字かな交じり文 ", count: 700))\"", count: 60).joined(separator: ","))]"
            .utf8)

    static let numbers = Array(
        "[\((0..<100_000).map { $0 % 3 == 0 ? "\(Double($0) / 64)" : "\($0 * 12_347)" }.joined(separator: ","))]".utf8)
}
