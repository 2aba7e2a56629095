import Testing
import WorkerHostCore

@Suite struct JSONValueTests {
    @Test func valuesAreTakenApart() throws {
        let value = try JSONValue(
            RawJSON(
                validating:
                    #" {"a" : [ 1 , -2.50e1 , true , false , null , "x\"\\\/\n\u00e9\ud83d\ude00\ud800" ] , "a2":{},"l":[]} "#
            ))
        #expect(
            value
                == .object([
                    "a": .array([
                        .number(JSONNumber("1")), .number(JSONNumber("-25")), .bool(true), .bool(false), .null,
                        .string("x\"\\/\né😀\u{FFFD}"),
                    ]), "a2": .object([:]), "l": .array([]),
                ]))
    }

    @Test(arguments: [("1", "1.0"), ("0", "-0"), ("0.0e9", "0"), ("100", "1E2"), ("1.50", "15e-1"), ("-1e0", "-1")])
    func equalNumbers(left: String, right: String) {
        #expect(JSONNumber(left) == JSONNumber(right))
        #expect(JSONNumber(left).hashValue == JSONNumber(right).hashValue)
        #expect(!(JSONNumber(left) < JSONNumber(right)))
    }

    @Test(arguments: [
        ("1", "2"), ("-2", "-1"), ("-1", "0"), ("0", "0.001"), ("9", "10"), ("0.09", "0.1"), ("1e400", "1e401"),
        ("9007199254740992", "9007199254740993"), ("-1e999999999999", "1e-999999999999"), ("12", "12.5"),
    ])
    func orderedNumbers(left: String, right: String) {
        #expect(JSONNumber(left) < JSONNumber(right))
        #expect(!(JSONNumber(right) < JSONNumber(left)))
    }
}
