// `recall tags`: what tags there are, the most frequent first.

import ArgumentParser
import Recall
import RecallLog

struct TagsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tags",
        abstract: "List the tags with how many events each has, the most frequent first.",
        discussion: "Reads all events, for reading only, so it works beside the process that writes.")

    @Argument(help: "The store: a directory, or a file that ends in .recall.")
    var store: String

    @Option(help: ArgumentHelp("Lists tags that begin with this only, by their bytes.", valueName: "p"))
    var prefix: String?

    @Option(help: ArgumentHelp("Lists no more than this.", valueName: "n"))
    var limit: Int?

    func run() throws {
        try ListPrinter.check(limit: limit)
        var census = GroupCensus(by: .tag)
        try CensusScan.run(over: store) { (event, bytes, names) throws(FormatError) in
            try census.count(event, bytes, &names)
        }
        var rows = census.rows
        if let prefix { rows.removeAll { !$0.name.utf8.starts(with: prefix.utf8) } }
        try ListPrinter.print(
            Array(rows.prefix(limit ?? rows.count)), heading: ["tag", "events"],
            cells: { [$0.name, Figure.grouped($0.eventCount)] },
            object: { row in
                var object = JSONObject()
                object.add("tag", row.name)
                object.add("events", row.eventCount)
                return object
            })
    }
}
