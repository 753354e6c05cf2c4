// `recall show`: the history of one aggregate, its children included.

import ArgumentParser
import Recall
import RecallLog

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Print one aggregate's history, with its children's: a timeline on a terminal, JSON Lines elsewhere.",
        discussion: "Opens the store for reading only, so it works beside the process that writes.")

    @Argument(help: "The store: a directory, or a file that ends in .recall.")
    var store: String

    @Argument(help: ArgumentHelp("The aggregate or child entity.", valueName: "uuid"))
    var aggregate: String

    func run() throws {
        let id = try AggregateOption.parse(aggregate, of: "The aggregate")
        let path = try StorePath(store)
        try path.requireExisting()
        let log = try Log.openBlocking(at: path.path, access: .readOnly)
        // A child has a history of its own and no graph.
        let scopes: [EventQuery.Scope] = [.graph(id), .aggregate(id)]
        let found = try scopes.first { scope in
            try !log.readBlocking(EventQuery(scope, limit: 1)).events.isEmpty
        }
        guard let found else {
            try log.closeBlocking()
            throw CommandFailure(
                .badInput,
                "\(store) holds no event of \(id); 'recall aggregates' lists what it holds.")
        }
        if OutputWriter.isTerminal {
            try print(EventQuery(found), of: id, in: log)
        } else {
            try EventPrinter.print(
                ReplaySelection(EventQuery(found), aggregate: nil, graph: nil), of: log,
                progress: ProgressBar("Reading", unit: "events", isShown: false))
        }
        try log.closeBlocking()
    }

    private func print(_ query: EventQuery, of id: AggregateID, in log: Log) throws {
        var output = OutputWriter()
        var timeline = Timeline(of: id)
        var next: EventQuery? = query
        while let query = next {
            let page = try log.readBlocking(query)
            for event in page.events {
                output.append(timeline.text(of: event))
                try output.flushIfFull()
            }
            next = page.next
        }
        try output.flush()
    }
}
