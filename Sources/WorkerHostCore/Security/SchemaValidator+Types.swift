/// The assertions that concern one type of value and let all others pass.
extension SchemaValidator {
    mutating func apply(_ check: SchemaNode.Check, to number: JSONNumber, _ pointer: String) {
        switch check {
        case .number(let bound, let limit):
            switch bound {
            case .minimum where number < limit: fail(pointer, "must be at least \(limit.text)")
            case .maximum where number > limit: fail(pointer, "must be at most \(limit.text)")
            case .exclusiveMinimum where number <= limit: fail(pointer, "must be greater than \(limit.text)")
            case .exclusiveMaximum where number >= limit: fail(pointer, "must be less than \(limit.text)")
            default: break
            }
        case .multipleOf(let unit):
            if !number.isMultiple(of: unit) { fail(pointer, "must be a multiple of \(unit.text)") }
        default: break
        }
    }

    mutating func apply(_ check: SchemaNode.Check, to text: String, _ pointer: String) {
        switch check {
        case .length(let range, of: .characters): measure(text.unicodeScalars.count, range, "characters", pointer)
        case .pattern(let pattern):
            if !pattern.matches(text) { fail(pointer, "does not match the pattern \(pattern.text)") }
        default: break
        }
    }

    mutating func apply(_ check: SchemaNode.Check, to items: [JSONValue], _ pointer: String) {
        switch check {
        case .length(let range, of: .items): measure(items.count, range, "items", pointer)
        case .uniqueItems:
            if Set(items).count < items.count { fail(pointer, "holds the same item more than once") }
        case .items(let prefix, let rest):
            for (index, item) in items.enumerated() {
                guard let schema = index < prefix.count ? prefix[index] : rest else { break }
                self.check(item, against: schema, at: "\(pointer)/\(index)")
            }
        case .contains(let schema, let least, let most):
            var count = 0
            for (index, item) in items.enumerated() where trial(item, schema, "\(pointer)/\(index)").isEmpty {
                count += 1
            }
            if count < least {
                fail(pointer, "holds \(count) fitting items, but must hold at least \(least) (contains)")
            }
            if let most, count > most {
                fail(pointer, "holds \(count) fitting items, but must hold at most \(most) (contains)")
            }
        default: break
        }
    }

    mutating func apply(_ check: SchemaNode.Check, to members: [String: JSONValue], _ pointer: String) {
        switch check {
        case .length(let range, of: .properties): measure(members.count, range, "members", pointer)
        case .required(let names): require(names, members, pointer, "is missing")
        case .dependentRequired(let rules):
            for (name, names) in rules.sorted(by: { $0.key < $1.key }) where members[name] != nil {
                require(names, members, pointer, "is missing, and must stand beside '\(name)'")
            }
        case .dependentSchemas(let rules):
            for (name, schema) in rules.sorted(by: { $0.key < $1.key }) where members[name] != nil {
                self.check(.object(members), against: schema, at: pointer)
            }
        case .propertyNames(let schema):
            for name in members.keys.sorted() {
                if let found = trial(.string(name), schema, Self.place(pointer, name)).first {
                    fail(Self.place(pointer, name), "the name is not allowed: " + Self.withoutPlace(found))
                }
            }
        case .members(let rule): apply(rule, members, pointer)
        default: break
        }
    }

    private mutating func apply(_ rule: SchemaNode.Members, _ members: [String: JSONValue], _ pointer: String) {
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let place = Self.place(pointer, name)
            var isKnown = false
            if let schema = rule.named[name] {
                isKnown = true
                check(value, against: schema, at: place)
            }
            for (pattern, schema) in rule.patterned where pattern.matches(name) {
                isKnown = true
                check(value, against: schema, at: place)
            }
            if isKnown { continue }
            if !rule.allowsOthers {
                let nearest = NearestMatch.find(name, in: rule.named.keys.sorted())
                fail(place, "is not allowed" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
            } else if let others = rule.others {
                check(value, against: others, at: place)
            }
        }
    }

    private mutating func require(
        _ names: [String], _ members: [String: JSONValue], _ pointer: String, _ text: String
    ) {
        for name in names where members[name] == nil { fail(Self.place(pointer, name), text) }
    }

    private mutating func measure(_ count: Int, _ range: SchemaNode.Range, _ what: String, _ pointer: String) {
        if let least = range.least, count < least {
            fail(pointer, "has \(count) \(what), but must have at least \(least)")
        }
        if let most = range.most, count > most {
            fail(pointer, "has \(count) \(what), but must have at most \(most)")
        }
    }

    private static func place(_ pointer: String, _ name: String) -> String {
        "\(pointer)/\(JSONPointer.escaped(name))"
    }

    private static func withoutPlace(_ violation: String) -> String {
        violation.firstRange(of: ": ").map { String(violation[$0.upperBound...]) } ?? violation
    }
}
