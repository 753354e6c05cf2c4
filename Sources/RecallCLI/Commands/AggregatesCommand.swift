// `recall aggregates`: what aggregates there are, the largest first.

import ArgumentParser
import Recall
import RecallLog

struct AggregatesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aggregates",
        abstract: "List the aggregates with their events, the largest first.",
        discussion:
            "Reads all events, for reading only, so it works beside the process that writes. Child entities have a row of their own."
    )

    @Argument(help: "The store: a directory, or a file that ends in .recall.")
    var store: String

    @Option(help: ArgumentHelp("Lists aggregates of this type only.", valueName: "t"))
    var type: String?

    @Option(help: ArgumentHelp("Lists no more than this.", valueName: "n"))
    var limit: Int?

    func run() throws {
        try ListPrinter.check(limit: limit)
        var census = AggregateCensus()
        let query = EventQuery(aggregateTypes: Set(type.map { [AggregateType($0)] } ?? []))
        try CensusScan.run(over: store, query) { (event, bytes, names) throws(FormatError) in
            try census.count(event, bytes, &names)
        }
        try ListPrinter.print(
            census.largest(limit), heading: ["aggregate", "type", "events", "first", "last"],
            cells: { row in
                [
                    row.id.description, row.type.rawValue, Figure.grouped(row.eventCount),
                    row.firstTime.iso8601,
                    row.lastTime.iso8601,
                ]
            },
            object: { row in
                var object = JSONObject()
                object.add("aggregate", row.id.description)
                object.add("aggregateType", row.type.rawValue)
                object.add("events", row.eventCount)
                object.add("firstTime", row.firstTime.iso8601)
                object.add("lastTime", row.lastTime.iso8601)
                return object
            })
    }
}
