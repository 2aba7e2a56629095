/// Columns for people, as wide as their contents and together as wide as the terminal.
struct Table {
    /// A column.
    struct Column {
        /// What stands above.
        let title: String
        /// Whether the cells are numbers, which end at the same place.
        var isNumeric = false
        /// Whether the column gives way when the terminal is too narrow.
        var isFlexible = false
        /// Whether the column is left out when giving way is not enough.
        var isOptional = false
        /// The colour of a cell.
        var colour: (@Sendable (String) -> Colour?)?

        init(
            _ title: String, isNumeric: Bool = false, isFlexible: Bool = false, isOptional: Bool = false,
            colour: (@Sendable (String) -> Colour?)? = nil
        ) {
            self.title = title
            self.isNumeric = isNumeric
            self.isFlexible = isFlexible
            self.isOptional = isOptional
            self.colour = colour
        }
    }

    private static let narrowest = 8
    private static let gap = 2

    /// The columns.
    let columns: [Column]

    /// The title's and the cells' lines.
    /// - Parameter width: the terminal's; nil to cut nothing.
    func lines(_ rows: [[String]], width: Int?, terminal: Terminal, withTitles: Bool = true) -> [String] {
        let clean = rows.map { row in row.map { PlainText.singleLine($0) } }
        let widths = self.widths(clean, withTitles: withTitles)
        if let width, let index = columnToDrop(widths, width) {
            var fewer = columns
            fewer.remove(at: index)
            let shorter = clean.map { row in row.enumerated().filter { $0.offset != index }.map(\.element) }
            return Table(columns: fewer).lines(shorter, width: width, terminal: terminal, withTitles: withTitles)
        }
        let fitting = fitted(widths, width)
        var lines: [String] = []
        if withTitles {
            let titles = line(columns.map { $0.title.uppercased() }, widths: fitting, terminal: nil)
            lines.append(Colour.bold.paint(titles, on: terminal))
        }
        for row in clean { lines.append(line(row, widths: fitting, terminal: terminal)) }
        return lines
    }

    /// The last optional column, if the table is too wide even with its flexible columns at their narrowest.
    private func columnToDrop(_ widths: [Int], _ width: Int) -> Int? {
        let least = columns.indices.reduce(Self.gap * (columns.count - 1)) { sum, index in
            sum + (columns[index].isFlexible ? min(widths[index], Self.narrowest) : widths[index])
        }
        return least > width ? columns.lastIndex { $0.isOptional } : nil
    }

    private func widths(_ rows: [[String]], withTitles: Bool) -> [Int] {
        var widths = columns.map { withTitles ? PlainText.width($0.title) : 0 }
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], PlainText.width(cell))
            }
        }
        return widths
    }

    private func fitted(_ natural: [Int], _ width: Int?) -> [Int] {
        guard let width else { return natural }
        var widths = natural
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - width
        // The widest flexible column gives way first.
        while excess > 0 {
            let candidates = columns.indices.filter { columns[$0].isFlexible && widths[$0] > Self.narrowest }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ cells: [String], widths: [Int], terminal: Terminal?) -> String {
        var line = ""
        for (index, column) in columns.enumerated() {
            let cell = PlainText.cut(index < cells.count ? cells[index] : "", to: widths[index])
            let padding = String(repeating: " ", count: widths[index] - PlainText.width(cell))
            var shown = cell
            if let terminal, let colour = column.colour?(cell) { shown = colour.paint(cell, on: terminal) }
            line += column.isNumeric ? padding + shown : shown + (index == columns.count - 1 ? "" : padding)
            if index < columns.count - 1 { line += String(repeating: " ", count: Self.gap) }
        }
        return line
    }
}
