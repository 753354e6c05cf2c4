// `recall stats`: events counted by time, type or tag.

import ArgumentParser
import Recall
import RecallLog

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count events and the bytes of their payloads by hour, day, type, aggregate type or tag.",
        discussion: """
            Hours and days are those of UTC, in order of time; everything else comes with the most frequent first. An event counts for each \
            of its tags. Reads all events, for reading only, so it works beside the process that writes.
            """)

    @Argument(help: "The store: a directory, or a file that ends in .recall.")
    var store: String

    @Option(help: "By what events are counted.")
    var by: CensusFeature

    func run() throws {
        var census = GroupCensus(by: by)
        try CensusScan.run(over: store) { (event, bytes, names) throws(FormatError) in
            try census.count(event, bytes, &names)
        }
        try ListPrinter.print(
            census.rows, heading: [by.rawValue, "events", "payloads"],
            cells: {
                [$0.name, Figure.grouped($0.eventCount), Figure.bytes(UInt64(max($0.payloadBytes, 0)))]
            },
            object: { row in
                var object = JSONObject()
                object.add(by.key, row.name)
                object.add("events", row.eventCount)
                object.add("payloadBytes", row.payloadBytes)
                return object
            })
    }
}
