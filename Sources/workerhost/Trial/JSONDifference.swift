import WorkerHostCore

/// Where two JSON values differ, each place with its JSON Pointer.
struct JSONDifference {
    private static let mostPlaces = 5
    private static let longestValue = 60

    /// `/items/3: 4, was 5`; empty if the values are equal, in whatever order their keys stand.
    private(set) var places: [String] = []
    /// Whether there are more places than are listed.
    private(set) var hasMore = false

    init(now: JSONValue, before: JSONValue) {
        compare(now, before, at: "")
    }

    private mutating func compare(_ now: JSONValue?, _ before: JSONValue?, at place: String) {
        guard now != before else { return }
        switch (now, before) {
        case (.object(let new)?, .object(let old)?):
            for key in Set(new.keys).union(old.keys).sorted() {
                let escaped = key.replacing("~", with: "~0").replacing("/", with: "~1")
                compare(new[key], old[key], at: "\(place)/\(escaped)")
            }
        case (.array(let new)?, .array(let old)?):
            for index in 0..<max(new.count, old.count) where places.count < Self.mostPlaces || !hasMore {
                compare(
                    index < new.count ? new[index] : nil, index < old.count ? old[index] : nil, at: "\(place)/\(index)")
            }
        default:
            guard places.count < Self.mostPlaces else {
                hasMore = true
                return
            }
            places.append("\(place.isEmpty ? "(all of it)" : place): \(Self.text(now)), was \(Self.text(before))")
        }
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil: "missing"
        case .null?: "null"
        case .bool(let flag)?: flag ? "true" : "false"
        case .number(let number)?: number.text
        case .string(let text)?: "'\(PlainText.cut(PlainText.singleLine(text), to: longestValue))'"
        case .array(let items)?: "a list of \(HumanText.count(items.count))"
        case .object(let members)?: "an object with \(HumanText.count(members.count, "key"))"
        }
    }
}
