import Testing
import WorkerHostCore

@Suite struct ParameterSchemaTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let schema: String
        let value: String
        let expected: [String]
        var testDescription: String { "\(schema) \(value)" }

        init(_ schema: String, _ value: String, _ expected: String...) {
            (self.schema, self.value, self.expected) = (schema, value, expected)
        }
    }

    private func check(_ row: Row) throws {
        let schema = try ParameterSchema(RawJSON(validating: row.schema))
        #expect(schema.violations(in: try RawJSON(validating: row.value)) == row.expected)
    }

    @Test(arguments: [
        Row("true", "1"), Row("false", "1", "(root): nothing is allowed here"), Row("{}", "[1]"),
        Row(#"{"type":"object"}"#, "[]", "(root): is of type array, but must be object"),
        Row(#"{"type":["string","null"]}"#, "null"),
        Row(#"{"type":["string","null"]}"#, "1.5", "(root): is of type number, but must be string or null"),
        Row(#"{"type":"integer"}"#, "1.0"), Row(#"{"type":"integer"}"#, "1e3"), Row(#"{"type":"number"}"#, "1"),
        Row(#"{"type":"integer"}"#, "1.5", "(root): is of type number, but must be integer"),
        Row(#"{"enum":["a",1,null]}"#, "1.0"),
        Row(#"{"enum":["a",1,null]}"#, #""b""#, #"(root): must be one of "a", 1, null"#),
        Row(#"{"const":{"a":[1]}}"#, #"{"a":[1.0]}"#), Row(#"{"const":true}"#, "1", "(root): must be true"),
        Row(#"{"minimum":3}"#, "2.999", "(root): must be at least 3"), Row(#"{"minimum":3}"#, "3.0"),
        Row(#"{"maximum":3}"#, "3.001", "(root): must be at most 3"), Row(#"{"maximum":3}"#, #""text""#),
        Row(#"{"exclusiveMinimum":3}"#, "3", "(root): must be greater than 3"),
        Row(#"{"exclusiveMaximum":-3}"#, "-3", "(root): must be less than -3"), Row(#"{"exclusiveMaximum":-3}"#, "-4"),
        Row(#"{"maximum":9007199254740992}"#, "9007199254740993", "(root): must be at most 9007199254740992"),
        Row(#"{"multipleOf":0.01}"#, "0.07"), Row(#"{"multipleOf":0.01}"#, "19.99"),
        Row(#"{"multipleOf":0.1}"#, "0.25", "(root): must be a multiple of 0.1"), Row(#"{"multipleOf":7}"#, "0"),
    ])
    func anyValueAndNumbers(row: Row) throws { try check(row) }

    @Test(arguments: [
        Row(#"{"minLength":2}"#, #""😀""#, "(root): has 1 characters, but must have at least 2"),
        Row(#"{"maxLength":1}"#, #""\ud83d\ude00""#), Row(#"{"maxLength":1}"#, "[1,2]"),
        Row(#"{"maxLength":1}"#, #""ab""#, "(root): has 2 characters, but must have at most 1"),
        Row(#"{"pattern":"^a.c$"}"#, #""abc""#), Row(#"{"pattern":"b"}"#, #""abc""#),
        Row(#"{"pattern":"^abc$"}"#, #""abc\n""#, "(root): does not match the pattern ^abc$"),
        Row(#"{"pattern":"^\\d+$"}"#, #""१२""#, #"(root): does not match the pattern ^\d+$"#),
        Row(#"{"pattern":"^[\\w[&&-]+$"}"#, #""a[&-""#), Row(#"{"pattern":"^https?:\\/\\/"}"#, #""https://x""#),
        Row(#"{"minItems":1,"maxItems":2}"#, "[]", "(root): has 0 items, but must have at least 1"),
        Row(#"{"minItems":1,"maxItems":2}"#, "[1,2,3]", "(root): has 3 items, but must have at most 2"),
        Row(#"{"uniqueItems":true}"#, "[1,2,1.0]", "(root): holds the same item more than once"),
        Row(#"{"uniqueItems":true}"#, #"[1,"1",true]"#), Row(#"{"uniqueItems":false}"#, "[1,1]"),
        Row(#"{"items":{"type":"string"}}"#, #"["a",1]"#, "/1: is of type integer, but must be string"),
        Row(#"{"prefixItems":[{"type":"string"}],"items":{"type":"integer"}}"#, #"["a",1,2]"#),
        Row(#"{"prefixItems":[{"type":"string"}],"items":false}"#, #"["a",1]"#, "/1: nothing is allowed here"),
        Row(#"{"prefixItems":[{"type":"string"}]}"#, #"["a",1]"#),
        Row(
            #"{"contains":{"const":1}}"#, "[2,3]",
            "(root): holds 0 fitting items, but must hold at least 1 (contains)"),
        Row(#"{"contains":{"const":1},"minContains":0}"#, "[2]"),
        Row(
            #"{"contains":{"const":1},"maxContains":1}"#, "[1,1]",
            "(root): holds 2 fitting items, but must hold at most 1 (contains)"),
    ])
    func textsAndLists(row: Row) throws { try check(row) }

    @Test(arguments: [
        Row(#"{"required":["topic","n"]}"#, #"{"n":1}"#, "/topic: is missing"), Row(#"{"required":["a"]}"#, "1"),
        Row(
            #"{"properties":{"a/b":{"type":"string"}}}"#, #"{"a/b":1}"#, "/a~1b: is of type integer, but must be string"
        ),
        Row(
            #"{"properties":{"topic":true},"additionalProperties":false}"#, #"{"topik":1,"x":2}"#,
            "/topik: is not allowed; did you mean 'topic'?", "/x: is not allowed"),
        Row(
            #"{"additionalProperties":{"type":"string"}}"#, #"{"a":1}"#, "/a: is of type integer, but must be string"),
        Row(
            #"{"patternProperties":{"^n_":{"type":"number"}},"additionalProperties":false}"#, #"{"n_a":1,"m":1}"#,
            "/m: is not allowed"),
        Row(
            #"{"propertyNames":{"maxLength":2}}"#, #"{"abc":1}"#,
            "/abc: the name is not allowed: has 3 characters, but must have at most 2"),
        Row(#"{"minProperties":1}"#, "{}", "(root): has 0 members, but must have at least 1"),
        Row(#"{"maxProperties":0}"#, #"{"a":1}"#, "(root): has 1 members, but must have at most 0"),
        Row(
            #"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1}"#, "/b: is missing, and must stand beside 'a'"),
        Row(#"{"dependentSchemas":{"a":{"required":["c"]}}}"#, #"{"a":1}"#, "/c: is missing"),
    ])
    func objects(row: Row) throws { try check(row) }

    @Test(arguments: [
        Row(#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, "3", "(root): must be at most 2"),
        Row(
            #"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "1",
            "(root): fits none of the 2 forms that are allowed here (anyOf); for the nearest one: (root): is of type "
                + "integer, but must be string"),
        Row(#"{"anyOf":[{"type":"string"},{"minimum":0}]}"#, "1"),
        Row(#"{"oneOf":[{"minimum":0},{"maximum":0}]}"#, "1"),
        Row(
            #"{"oneOf":[{"minimum":0},{"maximum":0}]}"#, "0",
            "(root): fits 2 forms where exactly one must fit (oneOf)"),
        Row(
            #"{"oneOf":[{"type":"null"}]}"#, "0",
            "(root): fits none of the 1 forms that are allowed here (oneOf)"),
        Row(#"{"not":{"type":"string"}}"#, #""a""#, "(root): fits a form that is forbidden here (not)"),
        Row(
            #"{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}"#, #"{"a":1}"#,
            "/b: is missing"),
        Row(#"{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}"#, "{}", "/c: is missing"),
        Row(#"{"if":true}"#, "{}"),
        Row(
            ##"{"$defs":{"s":{"type":"string"}},"items":{"$ref":"#/$defs/s"}}"##, "[1]",
            "/0: is of type integer, but must be string"),
        Row(
            ##"{"properties":{"next":{"$ref":"#"},"v":{"type":"integer"}}}"##, #"{"next":{"next":{"v":"x"}}}"#,
            "/next/next/v: is of type string, but must be integer"),
        Row(
            ##"{"$defs":{"a b":{"type":"null"}},"$ref":"#/$defs/a%20b"}"##, "1",
            "(root): is of type integer, but must be null"),
        Row(#"{"title":"t","format":"email","x-own":1,"$schema":"s","default":3}"#, #""no""#),
    ])
    func combinations(row: Row) throws { try check(row) }

    @Test(arguments: [
        ("3", "(root): a schema must be an object, true or false"),
        (
            #"{"type":"strng"}"#,
            "/type: expected one of null, boolean, object, array, number, string, integer, or a list of these"
        ),
        (#"{"required":"a"}"#, "/required: expected a list of texts"),
        (#"{"pattern":"("}"#, "/pattern: expected a regular expression"),
        (#"{"patternProperties":{"[":true}}"#, "/patternProperties/[: expected a regular expression"),
        (#"{"multipleOf":0}"#, "/multipleOf: expected a number above 0"),
        (#"{"minLength":-1}"#, "/minLength: expected a whole number of at least 0"),
        (#"{"exclusiveMinimum":true}"#, "/exclusiveMinimum: expected a number"),
        (#"{"properties":{"a":{"enum":[]}}}"#, "/properties/a/enum: expected a list with at least one value"),
        (#"{"anyOf":[]}"#, "/anyOf: expected a list with at least one schema"),
        (##"{"$ref":"#/nope"}"##, "/$ref: the reference '#/nope' leads nowhere"),
        (#"{"$ref":"http://x"}"#, "/$ref: only references inside the schema are supported, for example '#/$defs/name'"),
        (##"{"$ref":"#"}"##, "(root): the schema refers to itself without end"),
        (
            #"{"unevaluatedProperties":false}"#,
            "/unevaluatedProperties: 'unevaluatedProperties' is not supported: use 'additionalProperties'"
        ),
        (#"{"items":[{}]}"#, "/items: a list of schemas is not supported here: use 'prefixItems'"),
        (
            #"{"$defs":{"unused":{"type":7}}}"#,
            "/$defs/unused/type: expected one of null, boolean, object, array, number, string, integer, or a list of these"
        ),
    ])
    func brokenSchemas(schema: String, expected: String) throws {
        let error = #expect(throws: ParameterSchemaError.self) {
            try ParameterSchema(RawJSON(validating: schema))
        }
        #expect(error?.problems == [expected])
    }

    @Test func aLongListOfViolationsIsCut() throws {
        let schema = try ParameterSchema(RawJSON(validating: #"{"items":false}"#))
        let found = schema.violations(
            in: try RawJSON(validating: "[" + Array(repeating: "1", count: 70).joined(separator: ",") + "]"))
        #expect(found.count == 51)
        #expect(found.last == "… and 20 more")
    }

    @Test func costlySchemasAndDeepValuesEnd() throws {
        var defs = #""d0":{"type":"integer"}"#
        for level in 1...40 {
            defs +=
                ##","d\##(level)":{"allOf":[{"$ref":"#/$defs/d\##(level - 1)"},{"$ref":"#/$defs/d\##(level - 1)"}]}"##
        }
        let schema = try ParameterSchema(RawJSON(validating: ##"{"$defs":{\##(defs)},"$ref":"#/$defs/d40"}"##))
        #expect(
            schema.violations(in: try RawJSON(validating: "1"))
                == ["(root): the parameters are too large or too deeply nested to be checked"])
        let nested = try ParameterSchema(RawJSON(validating: ##"{"items":{"$ref":"#"}}"##))
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(
            nested.violations(in: try RawJSON(validating: deep))
                == ["(root): the parameters are too large or too deeply nested to be checked"])
    }
}
