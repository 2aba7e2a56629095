/// Random JSON values, each as somebody might write it and as the host writes it.
struct RandomJSON {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    typealias Text = (written: String, plain: String)

    mutating func document() -> Text { value(depth: 0) }

    private mutating func value(depth: Int) -> Text {
        switch Int.random(in: 0...(depth > 4 ? 7 : 11), using: &random) {
        case 0: return same("null")
        case 1: return same(Bool.random(using: &random) ? "true" : "false")
        case 2, 3: return same(integer())
        case 4: return decimal()
        case 5, 6, 7: return string()
        case 8, 9: return container("[", "]", depth) { $0.value(depth: depth + 1) }
        default:
            return container("{", "}", depth) {
                let (name, value) = ($0.string(), $0.value(depth: depth + 1))
                return ($0.space() + name.written + $0.space() + ":" + value.written, name.plain + ":" + value.plain)
            }
        }
    }

    private mutating func container(
        _ open: String, _ close: String, _ depth: Int, _ element: (inout RandomJSON) -> Text
    ) -> Text {
        let most = depth < 2 && Int.random(in: 0..<8, using: &random) == 0 ? 40 : 5
        let elements = (0..<Int.random(in: 0...most, using: &random)).map { _ in element(&self) }
        let written = elements.map { space() + $0.written + space() }.joined(separator: ",")
        return (space() + open + space() + written + close, open + elements.map(\.plain).joined(separator: ",") + close)
    }

    private mutating func same(_ text: String) -> Text { (space() + text + space(), text) }

    private mutating func space() -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: " "
        case 1: "\n\t"
        default: ""
        }
    }

    private mutating func integer() -> String {
        let bits = UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0...63, using: &random)
        if Bool.random(using: &random) { return String(bits) }
        return String(Int64(truncatingIfNeeded: bits))
    }

    private mutating func decimal() -> Text {
        if Bool.random(using: &random) {
            let double = Double(bitPattern: .random(in: 0 ... .max, using: &random))
            return same(double.isFinite ? double.description : "0.25")
        }
        let (whole, fraction) = (Int.random(in: -9999...9999, using: &random), Int.random(in: 0...999, using: &random))
        let text = "\(whole).\(fraction)E\(Int.random(in: -30...30, using: &random))"
        return (text, Double(text)?.description ?? "")
    }

    private mutating func string() -> Text {
        let length = Int.random(in: 0..<20, using: &random) == 0 ? 300 : 12
        var (written, plain) = ("\"", "\"")
        for _ in 0..<Int.random(in: 0...length, using: &random) {
            let (one, other) = letter()
            written += one
            plain += other
        }
        return (written + "\"", plain + "\"")
    }

    private mutating func letter() -> Text {
        let letters: [Text] = [
            ("\\n", "\\n"), ("\\u000a", "\\n"), ("\\\"", "\\\""), ("\\\\", "\\\\"), ("\\/", "/"), ("/", "/"),
            ("\\u0001", "\\u0001"), ("\\b", "\\u0008"), ("\\f", "\\u000c"), ("\\r\\t", "\\r\\t"), ("é", "é"),
            ("\\u00E9", "é"), ("\\ud83d\\ude00", "😀"), ("😀", "😀"), ("漢字", "漢字"), ("\\u6f22", "漢"), ("\u{7F}", "\u{7F}"),
        ]
        if Int.random(in: 0..<4, using: &random) > 0 {
            let letter = String(Unicode.Scalar(UInt8.random(in: 0x61...0x7A, using: &random)))
            return (letter, letter)
        }
        return letters[Int.random(in: 0..<letters.count, using: &random)]
    }
}
