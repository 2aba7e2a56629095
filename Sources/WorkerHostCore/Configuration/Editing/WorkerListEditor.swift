import Yams

/// Adds a worker to the text of a YAML configuration. Everything that was there stays as it is, comments and all.
package struct WorkerListEditor {
    /// Why the text cannot be edited safely; for the end of a sentence.
    package struct Refusal: Error, Hashable {
        package let reason: String

        package init(reason: String) { self.reason = reason }
    }

    /// The edited text.
    package struct Edit: Hashable {
        /// The whole text.
        package var text: String
        /// The line, from 1, that the new element begins on.
        package var line: Int
        /// The new element as it stands there.
        package var element: String
    }

    private let lines: [String]
    private let lineEnd: String

    /// Adds an element after the last of `workers`, with the indentation that the list has.
    /// - Parameters:
    ///   - entry: the lines of the element, as of a mapping that is not indented.
    ///   - text: a configuration that loads.
    /// - Throws: ``Refusal`` for JSON, lists in brackets, and whatever else has no place for a line.
    package static func adding(_ entry: [String], to text: String) throws(Refusal) -> Edit {
        let mark = text.first == "\u{FEFF}" ? "\u{FEFF}" : ""
        let body = String(text.dropFirst(mark.count))
        let editor = try WorkerListEditor(body)
        var edit = try editor.adding(entry, to: editor.list(in: body))
        edit.text = mark + edit.text
        return edit
    }

    private init(_ text: String) throws(Refusal) {
        let others: [Unicode.Scalar] = ["\u{85}", "\u{2028}", "\u{2029}"]
        lineEnd = text.unicodeScalars.contains("\r") ? "\r\n" : "\n"
        lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0.last == 0x0D ? $0.dropLast() : $0, as: UTF8.self) }
        // The parser counts these as line ends, editors do not.
        let hasOthers = text.unicodeScalars.contains(where: others.contains)
        let isMixed = lineEnd == "\r\n" && lines.joined(separator: lineEnd) != text
        if hasOthers || isMixed { throw Refusal(reason: "its lines do not all end in the same way") }
    }

    /// Where a list stands.
    private struct Place {
        /// The line of its first dash, from 0, and the spaces in front of that dash.
        var first: Int
        var indent: Int
        /// The line and column of the content of its last element, from 0.
        var last: (line: Int, column: Int)
        var count: Int
        /// The line of the key that follows, from 0; nil if none does.
        var next: Int?
    }

    private func list(in text: String) throws(Refusal) -> Place {
        let root: Node?
        do { root = try Parser(yaml: text).singleRoot() } catch { throw Refusal(reason: "it is not valid YAML") }
        // The nodes' `style` is not set by the parser.
        guard case .mapping(let mapping)? = root, let start = mapping.mark, character(at: start) != "{" else {
            throw Refusal(reason: "it is JSON, or a mapping in braces")
        }
        guard let pair = mapping.first(where: { $0.key.string == "workers" }), let key = pair.key.mark,
            case .sequence(let list) = pair.value
        else { throw Refusal(reason: "'workers' is no list of its own in it") }
        if let start = list.mark, character(at: start) == "[" {
            throw Refusal(reason: "'workers' is a list in brackets")
        }
        let next = mapping.compactMap { $0.key.mark?.line }.filter { $0 > key.line }.min()
        guard let first = list.mark, let last = list.last?.mark, first.line > key.line, first.line < next ?? .max
        else { throw Refusal(reason: "'workers' is written in an unusual way") }
        return Place(
            first: first.line - 1, indent: first.column - 1, last: (last.line - 1, last.column - 1),
            count: list.count, next: next.map { $0 - 1 })
    }

    private func character(at mark: Mark) -> Unicode.Scalar? {
        guard lines.indices.contains(mark.line - 1) else { return nil }
        return lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1).first
    }

    private func adding(_ entry: [String], to list: Place) throws(Refusal) -> Edit {
        guard list.first < lines.count, Self.indent(lines[list.first]) == list.indent,
            lines[list.first].dropFirst(list.indent).first == "-"
        else { throw Refusal(reason: "'workers' is written in an unusual way") }
        let end = end(of: list)
        let hasGap = list.count == 1 ? end - list.first > 1 : isBlank(before: list.last.line)
        let offset = contentOffset(of: list)
        let margin = String(repeating: " ", count: list.indent)
        let element = entry.enumerated().map { index, line in
            guard index > 0 else { return margin + "-" + String(repeating: " ", count: offset - 1) + line }
            return line.isEmpty ? "" : margin + String(repeating: " ", count: offset) + line
        }
        var edited = lines
        // The last line may have no end.
        if end == edited.count { edited.append("") }
        edited.insert(contentsOf: (hasGap ? [""] : []) + element, at: end)
        return Edit(
            text: edited.joined(separator: lineEnd), line: end + (hasGap ? 2 : 1),
            element: element.joined(separator: "\n"))
    }

    /// The line after the list's last: blank lines and comments of what follows are not the list's.
    private func end(of list: Place) -> Int {
        let documentEnd = lines.indices.first { $0 > list.first && Self.isDocumentMark(lines[$0]) }
        var end = min(list.next ?? lines.count, documentEnd ?? lines.count)
        while end > list.last.line + 1 {
            let line = lines[end - 1]
            let indent = Self.indent(line)
            let isComment = line.dropFirst(indent).first == "#"
            let isOwn = isComment && (indent > list.indent || indent == list.indent && indent > 0)
            guard Self.isBlank(line) || isComment && !isOwn else { break }
            end -= 1
        }
        return end
    }

    /// How far behind its dash an element begins: as in the last one.
    private func contentOffset(of list: Place) -> Int {
        let line = lines[list.last.line]
        let between = line.unicodeScalars.dropFirst(list.indent + 1).prefix(list.last.column - list.indent - 1)
        let offset = list.last.column - list.indent
        let isBesideDash = line.dropFirst(list.indent).first == "-" && between.allSatisfy { $0 == " " }
        return isBesideDash && (2...8).contains(offset) ? offset : 2
    }

    /// Whether a blank line sets the element on `line` apart; comments above it are its own.
    private func isBlank(before line: Int) -> Bool {
        var above = line - 1
        while above > 0, lines[above].drop(while: { $0 == " " }).first == "#" { above -= 1 }
        return above >= 0 && Self.isBlank(lines[above])
    }

    private static func indent(_ line: String) -> Int { line.prefix { $0 == " " }.count }

    private static func isBlank(_ line: String) -> Bool { line.allSatisfy { $0 == " " || $0 == "\t" } }

    private static func isDocumentMark(_ line: String) -> Bool {
        line == "..." || line == "---" || line.hasPrefix("... ") || line.hasPrefix("--- ")
    }
}
