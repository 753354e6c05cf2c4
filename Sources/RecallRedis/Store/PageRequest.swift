// A query in the form that the read script wants, and the page that its answer makes. Filters are applied here, over
// what the server gave: each call looks at a bounded number of events, so that a page may be empty and still have a next.

internal import Recall

/// The question to the server about one page.
struct PageRequest: Sendable {
    /// How many events one call looks at on the server at most, and after how many bytes of bodies it ends.
    static let eventCountMax = 1024
    static let bytesMax = 4 << 20

    /// The number of keys, the keys and the arguments.
    let arguments: RedisCommand
    private let query: EventQuery
    /// How many events were asked for.
    private let scanCountMax: Int

    /// - Returns: nil where the query asks for nothing that a store can hold.
    init?(_ query: EventQuery, keys: StoreKeys) {
        self.query = query
        let range = query.positions
        if query.limit == 0 || range.lowerBound.rawValue > StoreKeys.positionMax { return nil }
        let hasFilter =
            !query.eventTypes.isEmpty || !query.aggregateTypes.isEmpty || query.since != nil
            || query.until != nil
        scanCountMax =
            hasFilter
            ? Self.eventCountMax : min(query.limit ?? .max, query.pageEventCountMax, Self.eventCountMax)
        var command = RedisCommand()
        var versions: ClosedRange<Version> = .first ... .last
        switch query.scope {
        case .all:
            command.append(2)
            for key in [keys.log, keys.head] { command.append(key) }
        case .aggregate(let id):
            command.append(3)
            for key in [keys.log, keys.head, keys.stream(id)] { command.append(key) }
            versions = query.versions
        case .graph(let id):
            command.append(3)
            for key in [keys.log, keys.head, keys.graph(id)] { command.append(key) }
        }
        // Exact as numbers of floating point, which is what scripts have.
        func append(_ number: UInt64) { command.append(String(min(max(number, 1), StoreKeys.positionMax))) }
        if range.upperBound == .beforeFirst || versions.upperBound == .beforeFirst
            || versions.lowerBound.rawValue > StoreKeys.positionMax
        {
            return nil
        }
        append(range.lowerBound.rawValue)
        append(range.upperBound.rawValue)
        append(versions.lowerBound.rawValue)
        append(versions.upperBound.rawValue)
        command.append(query.direction == .backwards ? "b" : "f")
        command.append(scanCountMax)
        command.append(Self.bytesMax)
        arguments = command
    }

    /// The page that the script's answer makes.
    func page(from reply: RedisReply, of server: String) throws(StoreError) -> EventPage {
        guard let parts = reply.elements, parts.count >= 2, let kind = parts[0].text,
            let cursor = parts[1].text
        else { throw .unexpected(reply, to: "the read script") }
        if kind == "damaged" {
            throw .damaged(UInt64(cursor).map { Position($0) }, of: server, "is missing or has another form")
        }
        guard kind == "ok", parts.count >= 3, (parts.count - 3).isMultiple(of: 4),
            (parts.count - 3) / 4 <= scanCountMax
        else {
            throw .unexpected(reply, to: "the read script")
        }
        var page: [RecordedEvent] = []
        var previous: RecordedEvent?
        let countMax = min(query.limit ?? .max, query.pageEventCountMax)
        for index in stride(from: 3, to: parts.count, by: 4) {
            let event = try event(parts[index ..< index + 4], behind: previous, of: server)
            previous = event
            guard query.accepts(event) else { continue }
            if page.count < countMax {
                page.append(event)
                continue
            }
            return EventPage(events: page, next: next(at: event.position, behind: page.count))
        }
        if cursor.isEmpty { return EventPage(events: page, next: nil) }
        guard let number = UInt64(cursor) else { throw .unexpected(reply, to: "the read script") }
        let position = Position(number)
        // Going on must lead on, or reading would never end.
        if !query.positions.contains(position) || !follows(position, previous?.position) {
            throw .damaged(position, of: server, "stands in another order than those around it")
        }
        return EventPage(events: page, next: next(at: position, behind: page.count))
    }

    /// The query for the rest; nil where the limit is reached.
    private func next(at position: Position, behind count: Int) -> EventQuery? {
        var next = query
        next.limit = query.limit.map { $0 - count }
        if next.limit == 0 { return nil }
        switch query.direction {
        case .forwards: next.positions = position ... query.positions.upperBound
        case .backwards: next.positions = query.positions.lowerBound ... position
        }
        return next
    }

    private func follows(_ position: Position, _ previous: Position?) -> Bool {
        guard let previous else { return true }
        return query.direction == .forwards ? position > previous : position < previous
    }

    /// Decodes an event and checks that it is one that was asked for, in its place.
    private func event(
        _ parts: ArraySlice<RedisReply>, behind previous: RecordedEvent?, of server: String
    ) throws(StoreError) -> RecordedEvent {
        let parts = Array(parts)
        guard let id = parts[0].text, id.hasSuffix("-0"), let number = UInt64(id.dropLast(2)) else {
            throw .damaged(nil, of: server, "has an id of another form")
        }
        let position = Position(number)
        guard let version = parts[1].text.flatMap({ UInt64($0) }), version > 0,
            let time = parts[2].text.flatMap({ Int64($0) }), let body = parts[3].bytes,
            let event = EventBody.decode(
                body, position: position, version: Version(version),
                time: Timestamp(microsecondsSince1970: time))
        else { throw .damaged(position, of: server, "is not what was written") }
        guard query.positions.contains(position), query.covers(event), follows(position, previous?.position)
        else {
            throw .damaged(
                position, of: server, "stands among those of another aggregate, or in another order")
        }
        if case .aggregate = query.scope {
            let isNext = previous.map { old in
                query.direction == .forwards
                    ? old.version.next == event.version : old.version == event.version.next
            }
            if isNext == false || !query.versions.contains(event.version) {
                throw .damaged(position, of: server, "has a version that does not follow those around it")
            }
        }
        return event
    }
}

extension StoreError {
    fileprivate static func damaged(_ position: Position?, of server: String, _ what: String) -> StoreError {
        let place =
            position.map { $0 == .beforeFirst ? "An event" : "The event at position \($0)" } ?? "An event"
        return StoreError(
            .damaged,
            "\(place) of the store on \(server) \(what); restore the server's data, the rest of the store can be read around it.",
            damagedPositions: position.flatMap { $0 == .beforeFirst ? nil : $0 ... $0 })
    }
}
