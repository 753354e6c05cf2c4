// A query in the form that the read script wants, and the page that its answer makes. Filters are applied here, over
// what the server gave: each call looks at a bounded number of events, so that a page may be empty and still have a next.
//
// Invariant: what a page says of the reader's cursor, its events and the store's end are of one answer of one server.

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

    /// A page, and what its answer says of the store.
    struct Answer: Sendable {
        var page: EventPage
        /// The last position of the store.
        var last: Position
    }

    /// - Returns: nil where the query asks for nothing that a store can hold, not even whether it holds the cursor's event.
    init?(_ query: EventQuery, keys: StoreKeys) {
        self.query = query
        let range = query.positions
        let hasFilter =
            !query.eventTypes.isEmpty || !query.aggregateTypes.isEmpty || query.since != nil
            || query.until != nil || query.matching != nil
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
        let asksForNothing =
            query.limit == 0 || range.lowerBound.rawValue > StoreKeys.positionMax
            || range.upperBound == .beforeFirst || versions.upperBound == .beforeFirst
            || versions.lowerBound.rawValue > StoreKeys.positionMax
        if asksForNothing, query.cursor == nil { return nil }
        // Exact as numbers of floating point, which is what scripts have.
        func append(_ number: UInt64) { command.append(String(min(max(number, 1), StoreKeys.positionMax))) }
        append(range.lowerBound.rawValue)
        append(range.upperBound.rawValue)
        append(versions.lowerBound.rawValue)
        append(versions.upperBound.rawValue)
        command.append(query.direction == .backwards ? "b" : "f")
        command.append(asksForNothing ? 0 : scanCountMax)
        command.append(min(query.pageBytesMax, Self.bytesMax))
        append(query.cursor)
        arguments = command

        /// What the reader knows, and how far is looked where nothing ends the page before.
        func append(_ cursor: EventCursor?) {
            guard let cursor else { return command.append(contentsOf: RedisCommand("", "", "")) }
            command.append(cursor.position.description)
            var id: [UInt8] = []
            if let eventID = cursor.eventID { id.append(identity: eventID) }
            command.append(id)
            let end = query.lookedThrough([], next: nil, last: Position(StoreKeys.positionMax))
            command.append(end.description)
        }
    }

    /// The page that the script's answer makes.
    func answer(from reply: RedisReply, of server: String) throws(StoreError) -> Answer {
        guard let parts = reply.elements, parts.count >= 2, let kind = parts[0].text else {
            throw .unexpected(reply, to: "the read script")
        }
        if kind == "damaged" {
            throw .damaged(parts[1].position, of: server, "is missing or has another form")
        }
        guard parts.count >= 3, let last = parts[2].position else {
            throw .unexpected(reply, to: "the read script")
        }
        if kind == "another" {
            try query.cursor?.check(in: nil, last: last) { _ in parts[1].eventID }
        }
        let start = 5
        guard kind == "ok", parts.count >= start, (parts.count - start).isMultiple(of: 4),
            (parts.count - start) / 4 <= scanCountMax, let resume = parts[1].text
        else {
            throw .unexpected(reply, to: "the read script")
        }
        var page: [RecordedEvent] = []
        var previous: RecordedEvent?
        let countMax = min(query.limit ?? .max, query.pageEventCountMax)
        for index in stride(from: start, to: parts.count, by: 4) {
            let event = try event(parts[index ..< index + 4], behind: previous, of: server)
            if query.accepts(event) {
                if page.count == countMax {
                    // What stands between the two is not in the query's scope.
                    let looked = previous.map { EventCursor(after: $0) }
                    return answer(page, resume: event.position, looked, last)
                }
                page.append(event)
            }
            previous = event
        }
        let looked = try lookedThrough(parts[3], parts[4], last)
        if resume.isEmpty { return answer(page, resume: nil, looked, last) }
        guard let position = parts[1].position else { throw .unexpected(reply, to: "the read script") }
        // Going on must lead on, or reading would never end.
        if !query.positions.contains(position) || !follows(position, previous?.position) {
            throw .damaged(position, of: server, "stands in another order than those around it")
        }
        return answer(page, resume: position, looked, last)
    }

    private func answer(
        _ events: [RecordedEvent], resume: Position?, _ looked: EventCursor?, _ last: Position
    ) -> Answer {
        var page = EventPage(events: events, next: resume.flatMap { next(at: $0, behind: events.count) })
        if query.cursor != nil, query.direction == .forwards {
            // What the limit has ended has not looked behind the last event that counted.
            let isLimited = query.limit.map { events.count >= $0 } ?? false
            page.cursor =
                if isLimited, let event = events.last { EventCursor(after: event) } else { looked }
        }
        return Answer(page: page, last: last)
    }

    /// What the script says of how far it has looked; nil where it was not asked.
    private func lookedThrough(
        _ position: RedisReply, _ id: RedisReply, _ last: Position
    ) throws(StoreError) -> EventCursor? {
        if query.cursor == nil || query.direction == .backwards { return nil }
        guard let looked = position.position, looked <= last,
            (looked == .beforeFirst) == (id.eventID == nil)
        else { throw .unexpected(.array([position, id]), to: "the read script") }
        return EventCursor(position: looked, eventID: id.eventID)
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

extension RedisReply {
    fileprivate var position: Position? { text.flatMap { UInt64($0) }.map { Position($0) } }

    fileprivate var eventID: EventID? {
        guard let bytes, bytes.count == 16 else { return nil }
        var reader = BodyReader(bytes[...])
        return reader.identity()
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
