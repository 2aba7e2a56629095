import Yams

/// Parses YAML (and JSON, which is YAML) into Yams' nodes, and says in the house's way what is wrong.
struct YAMLDocument {
    /// A key that is given twice is renamed before the next try, so that every other error of the file is seen too.
    private(set) var renamedKeys: [String: String] = [:]
    private(set) var root: Node?
    private static let maxRenamed = 64

    init(parsing text: String, log: IssueLog) {
        if let problem = AliasCheck.problem(in: text) {
            log.error(problem.origin, "", problem.message)
            return
        }
        var text = text.first(where: { !$0.isWhitespace }) == "{" ? SurrogateEscapes.joined(in: text) : text
        while true {
            do {
                guard let root = try Parser(yaml: text).singleRoot() else {
                    log.error(nil, "", "the file is empty", expected: "at least 'task_manager' and 'workers'")
                    return
                }
                self.root = root
                return
            } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
                let place = context.mark
                if renamedKeys.count < Self.maxRenamed, let edited = rename(duplicates.first, at: place, in: text) {
                    text = edited
                    continue
                }
                let names = duplicates.map { "'\($0)'" }.joined(separator: ", ")
                log.error(Self.origin(place), "", "the key \(names) is given more than once in one mapping: remove one")
            } catch {
                Self.report(error, text, log)
            }
            return
        }
    }

    /// Changes the first letter of the key at `place` to one of the private-use area, a new one each time.
    private mutating func rename(_ key: String?, at place: Mark, in text: String) -> String? {
        guard let key, let first = key.unicodeScalars.first, place.line > 0,
            let marker = Unicode.Scalar(UInt32(0xF_0000 + renamedKeys.count))
        else { return nil }
        var scalars = Array(text.unicodeScalars)
        guard var index = Self.index(of: place, in: scalars) else { return nil }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard index < scalars.count, scalars[index] == first else { return nil }
        scalars[index] = marker
        let rest = String(String.UnicodeScalarView(key.unicodeScalars.dropFirst()))
        renamedKeys[String(Character(marker)) + rest] = key
        return String(String.UnicodeScalarView(scalars))
    }

    private static func index(of place: Mark, in scalars: [Unicode.Scalar]) -> Int? {
        var line = 1, index = 0
        while line < place.line, index < scalars.count {
            let scalar = scalars[index]
            index += 1
            switch scalar {
            case "\r":
                if index < scalars.count, scalars[index] == "\n" { index += 1 }
                line += 1
            case "\n", "\u{85}", "\u{2028}", "\u{2029}": line += 1
            default: break
            }
        }
        index += place.column - 1
        return index < scalars.count ? index : nil
    }

    private static func origin(_ mark: Mark) -> SourceNode.Origin {
        .file(line: mark.line, column: mark.column)
    }

    private static func report(_ error: any Error, _ text: String, _ log: IssueLog) {
        guard let error = error as? YamlError else {
            log.error(nil, "", "the file cannot be read as YAML: \(error)")
            return
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            var message = "this is not valid YAML: "
            if let context { message += "\(context.text) (line \(context.mark.line)): " }
            let lines = text.split(maxSplits: mark.line, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            let isInFlow = lines.dropFirst(mark.line - 1).first?.contains("${") == true
            let hint = isInFlow ? "; inside [] and {} put quotes around \"${NAME}\"" : ""
            log.error(origin(mark), "", message + problem + hint)
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.count { $0.isNewline } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            log.error(
                offset == nil ? nil : .file(line: line, column: column), "", "this is not valid YAML: \(problem)")
        default:
            log.error(nil, "", "the file cannot be read as YAML: \(error)")
        }
    }
}
