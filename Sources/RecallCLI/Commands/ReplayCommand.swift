// `recall replay`: the events of a store as JSON Lines, in order of position. Opens the store for reading
// only, so that it works beside the process that writes.

import ArgumentParser
import Recall
import RecallLog

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Print events as JSON Lines, in order of position.",
        discussion: "Times are RFC 3339, such as 2026-11-23T10:15:30Z. All ranges hold both of their ends.")

    @Argument(help: "The directory of the store.")
    var store: String

    @Option(help: ArgumentHelp("The lowest position that is printed.", valueName: "n"))
    var from: UInt64?

    @Option(help: ArgumentHelp("The highest position that is printed.", valueName: "n"))
    var to: UInt64?

    @Option(help: ArgumentHelp("Prints the events of one aggregate only.", valueName: "uuid"))
    var aggregate: String?

    @Option(help: ArgumentHelp("Prints the events of one root and its children only.", valueName: "uuid"))
    var graph: String?

    @Option(
        help: ArgumentHelp("Prints events of this type only; may be given several times.", valueName: "t"))
    var type: [String] = []

    @Option(
        help: ArgumentHelp(
            "Prints events of this aggregate type only; may be given several times.", valueName: "t"))
    var aggregateType: [String] = []

    @Option(
        help: ArgumentHelp(
            "Prints events with this tag only; with several, those that have all.", valueName: "t"))
    var tag: [String] = []

    @Option(
        help: ArgumentHelp(
            "Prints what matches any item of an array such as [{\"types\":[\"A\"],\"tags\":[\"x\"]}].",
            valueName: "json"))
    var query: String?

    @Option(help: ArgumentHelp("Leaves out what happened before this time.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Leaves out what happened after this time.", valueName: "time"))
    var until: String?

    @Flag(help: "Prints the last event first.")
    var reverse = false

    @Option(help: ArgumentHelp("Prints no more events than this.", valueName: "n"))
    var limit: Int?

    @Flag(help: "Goes on with each new event, until interrupted.")
    var follow = false

    /// What the options ask for: all of them together must hold.
    func selection() throws -> ReplaySelection {
        let from = Position(from ?? 1)
        let to = Position(to ?? .max)
        guard from >= .first, to >= .first else {
            throw CommandFailure(
                .badInput, "--from or --to is 0; positions begin with 1, name one from there.")
        }
        guard from <= to else {
            throw CommandFailure(
                .badInput,
                "--from is \(from) and --to is \(to); give a range that does not end before it begins.")
        }
        try ListPrinter.check(limit: limit)
        if follow, reverse {
            throw CommandFailure(
                .badInput, "--follow and --reverse exclude each other; leave one of them out.")
        }
        if type.contains("") {
            throw CommandFailure(.badInput, "--type is empty; give it the name of an event type.")
        }
        var query = EventQuery(direction: reverse ? .backwards : .forwards, positions: from ... to)
        query.aggregateTypes = Set(aggregateType.map { AggregateType($0) })
        query.matching = try criteria()
        query.eventTypes = Set(type.map { EventType($0) })
        query.since = try time(since, of: "--since")
        query.until = try time(until, of: "--until")
        query.limit = limit
        return ReplaySelection(
            query, aggregate: try aggregate.map { try AggregateOption.parse($0, of: "--aggregate") },
            graph: try graph.map { try AggregateOption.parse($0, of: "--graph") })
    }

    private func criteria() throws -> EventCriteria? {
        if query == nil, tag.isEmpty { return nil }
        return try (query.map { try CriteriaOption.parse($0) } ?? .all).tagged(Set(tag.map { EventTag($0) }))
    }

    private func time(_ text: String?, of option: String) throws -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(iso8601: text) else {
            throw CommandFailure(
                .badInput, "\(option) is no RFC 3339 time; give one such as 2026-11-23T10:15:30Z.")
        }
        return time
    }

    func run() throws {
        let selection = try selection()
        let path = try StorePath(store)
        try path.requireExisting()
        if follow {
            try ReplayFollow(path: path.path, selection: selection).run()
        } else {
            try replay(selection, path.path)
        }
    }

    private func replay(_ selection: ReplaySelection, _ path: String) throws {
        let log = try Log.openBlocking(at: path, access: .readOnly)
        let isWatched = Message.isTerminal && !OutputWriter.isTerminal
        try EventPrinter.print(
            selection, of: log, progress: ProgressBar("Replaying", unit: "events", isShown: isWatched))
        try log.closeBlocking()
    }
}
