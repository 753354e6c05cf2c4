// Columns of text that line up.

/// Lines of cells: the first column to the left, the others to the right.
struct TextTable: CustomStringConvertible {
    var lines: [[String]]

    init(_ head: [String]) { lines = [head] }

    var description: String {
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return column == 0 ? cells[column] + space : space + cells[column]
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
