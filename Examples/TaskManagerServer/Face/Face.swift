import WorkerHostCore

/// Which of its two faces the server shows.
enum Face: Sendable {
    /// What the API's documentation promises.
    case documented
    /// What the real server does, a PHP program on MariaDB.
    case quirks

    /// How an id is written that the real server writes as text in some answers.
    func id(_ id: some BinaryInteger) -> [UInt8] {
        Array((self == .quirks ? "\"\(id)\"" : String(id)).utf8)
    }

    /// The largest result or error that is stored, in bytes.
    var largestText: Int { self == .quirks ? 65_535 : .max }

    /// What is stored of a result; nil for null.
    func stored(result: RawJSON?) -> RawJSON? {
        guard let result, !result.isNull else { return nil }
        guard self == .quirks else { return result }
        return PHPValues.isFalsy(result) ? nil : PHPValues.roundTrip(result)
    }

    /// What is stored of parameters.
    func stored(params: RawJSON) -> RawJSON {
        self == .quirks ? PHPValues.roundTrip(params) : params
    }

    /// Whether a report's `success` means success; nil if that cannot be told.
    func isSuccess(_ field: JSONBody.Field, _ raw: RawJSON?) -> Bool? {
        switch (field, self) {
        case (.missing, _), (.null, _): nil
        case (.bool(let value), _): value
        case (_, .documented): nil
        case (_, .quirks): raw.map { !PHPValues.isFalsy($0) }
        }
    }
}
