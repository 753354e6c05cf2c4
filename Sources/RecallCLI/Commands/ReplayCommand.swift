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

    @Option(
        help: ArgumentHelp("Prints events of this type only; may be given several times.", valueName: "t"))
    var type: [String] = []

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

    /// What the options ask for.
    func query() throws -> EventQuery {
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
        if let limit, limit < 0 {
            throw CommandFailure(.badInput, "--limit is \(limit); give it 0 or more.")
        }
        if follow, reverse {
            throw CommandFailure(
                .badInput, "--follow and --reverse exclude each other; leave one of them out.")
        }
        if type.contains("") {
            throw CommandFailure(.badInput, "--type is empty; give it the name of an event type.")
        }
        var query = EventQuery(
            try scope(), direction: reverse ? .backwards : .forwards, positions: from ... to)
        query.eventTypes = Set(type.map { EventType($0) })
        query.since = try time(since, of: "--since")
        query.until = try time(until, of: "--until")
        query.limit = limit
        return query
    }

    private func scope() throws -> EventQuery.Scope {
        guard let aggregate else { return .all }
        let text = ContiguousArray(aggregate.utf8)
        guard let uuid = UUIDText.parse(text.span) else {
            throw CommandFailure(
                .badInput, "--aggregate is no UUID; give one such as 6f9619ff-8b86-d011-b42d-00c04fc964ff.")
        }
        return .aggregate(AggregateID(uuid))
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
        let query = try query()
        let path = try StorePath(store)
        try path.requireExisting()
        if follow {
            try ReplayFollow(path: path.path, query: query).run()
        } else {
            try replay(query, path.path)
        }
    }

    private func replay(_ query: EventQuery, _ path: String) throws {
        let log = try Log.openBlocking(at: path, access: .readOnly)
        let isWatched = Message.isTerminal && !OutputWriter.isTerminal
        try EventPrinter.print(
            query, of: log, progress: ProgressBar("Replaying", unit: "events", isShown: isWatched))
        try log.closeBlocking()
    }
}
