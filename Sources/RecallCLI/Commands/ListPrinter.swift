// Lists: an aligned table where a person looks at standard output, JSON Lines for everybody else.

import Recall

enum ListPrinter {
    /// - Parameters:
    ///   - heading: the names of the columns, for people.
    ///   - cells: the columns of a row, for people.
    ///   - object: a row as an object.
    static func print<Row>(
        _ rows: [Row], heading: [String], isTerminal: Bool = OutputWriter.isTerminal,
        cells: (Row) -> [String], object: (Row) -> JSONObject
    ) throws {
        var output = OutputWriter()
        if isTerminal {
            output.append(Table.text([heading] + rows.map { cells($0).map { TerminalText.escaped($0) } }))
        } else {
            for row in rows {
                output.append(object(row).text + "\n")
                try output.flushIfFull()
            }
        }
        try output.flush()
    }

    /// - Throws: `CommandFailure` where a limit is negative.
    static func check(limit: Int?) throws(CommandFailure) {
        if let limit, limit < 0 {
            throw CommandFailure(.badInput, "--limit is \(limit); give it 0 or more.")
        }
    }
}
