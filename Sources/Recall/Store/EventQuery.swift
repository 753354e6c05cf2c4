// What to read from a store, and the page that comes back. A query is a value that says where to go
// on, so reading needs no open cursor at the store, whether that is a file or a server.

/// Which events to read, in which order, and how many.
public struct EventQuery: Hashable, Sendable {
    /// Whose events are read.
    public enum Scope: Hashable, Sendable {
        /// Everything, in order of position.
        case all
        /// The stream of one aggregate or child entity, in order of version.
        case aggregate(AggregateID)
        /// A root and all its children, in order of position.
        case graph(AggregateID)
    }

    /// In which order events come: `forwards` from the lowest position or version, `backwards` from the
    /// highest. A limit counts in this order, so `backwards` with a limit gives the last events.
    public enum Direction: Hashable, Sendable { case forwards, backwards }

    /// Whose events are read.
    public var scope: Scope
    /// In which order they come. A subscription that goes backwards ends when all that was there is read.
    public var direction: Direction
    /// The positions that are read; both ends belong to it.
    public var positions: ClosedRange<Position>
    /// The versions that are read; both ends belong to it. Used with `aggregate` only.
    public var versions: ClosedRange<Version>
    /// Event types that are read; empty for all.
    public var eventTypes: Set<EventType>
    /// Aggregate types whose events are read; empty for all.
    public var aggregateTypes: Set<AggregateType>
    /// What events must be about, by their types and tags; nil for anything. Holds together with the other filters.
    public var matching: EventCriteria?
    /// Leaves out events that happened before this moment.
    public var since: Timestamp?
    /// Leaves out events that happened after this moment.
    public var until: Timestamp?
    /// How many events are read at most; nil for no limit.
    public var limit: Int?
    /// How many events one page holds at most.
    public var pageEventCountMax: Int
    /// A page ends with the event that brings its payloads, tags and metadata to so many bytes: it has less than so many and one event. A
    /// store may count what it keeps besides, and end a page sooner.
    public var pageBytesMax: Int
    /// What the reader knows to be in the store, and has passed: reading refuses with `anotherHistory` where it is not there. Then each
    /// page says how far it has looked (`EventPage.cursor`). Nil for no proof, and none is given then.
    public var cursor: EventCursor?

    /// Everything, forwards, unless said otherwise. All ranges and filters together must hold for an event.
    /// - Parameters:
    ///   - scope: whose events are read.
    ///   - direction: in which order they come.
    ///   - positions: the positions that are read, with both ends.
    ///   - versions: the versions that are read, with both ends; used with `Scope.aggregate` only.
    ///   - eventTypes: empty for all.
    ///   - aggregateTypes: empty for all.
    ///   - matching: what events must be about, by their types and tags; nil for anything.
    ///   - since: the earliest time of an event, itself included; nil for any.
    ///   - until: the latest time of an event, itself included; nil for any.
    ///   - limit: how many events are read at most, over all pages; 0 for none, nil for no limit. Reading
    ///     refuses a negative one.
    ///   - pageEventCountMax: how many events one page holds at most. Reading refuses less than 1.
    ///   - pageBytesMax: with how many bytes a page ends, 4 MiB unless said otherwise. Reading refuses less than 1.
    public init(
        _ scope: Scope = .all, direction: Direction = .forwards,
        positions: ClosedRange<Position> = .first ... .last,
        versions: ClosedRange<Version> = .first ... .last,
        eventTypes: Set<EventType> = [], aggregateTypes: Set<AggregateType> = [],
        matching: EventCriteria? = nil, since: Timestamp? = nil, until: Timestamp? = nil, limit: Int? = nil,
        pageEventCountMax: Int = 1024, pageBytesMax: Int = 4 << 20
    ) {
        self.scope = scope
        self.direction = direction
        self.positions = positions
        self.versions = versions
        self.eventTypes = eventTypes
        self.aggregateTypes = aggregateTypes
        self.matching = matching
        self.since = since
        self.until = until
        self.limit = limit
        self.pageEventCountMax = pageEventCountMax
        self.pageBytesMax = pageBytesMax
    }

    /// Whether `event` is inside every range and filter of the query, whatever its scope.
    public func accepts(_ event: RecordedEvent) -> Bool {
        if !positions.contains(event.position) { return false }
        if case .aggregate = scope, !versions.contains(event.version) { return false }
        if !eventTypes.isEmpty, !eventTypes.contains(event.type) { return false }
        if !aggregateTypes.isEmpty, !aggregateTypes.contains(event.aggregateType) { return false }
        if let since, event.time < since { return false }
        if let until, event.time > until { return false }
        return matching?.matches(event) ?? true
    }

    /// Only what lies behind a cursor, which the store must still hold.
    public func after(_ cursor: EventCursor) -> EventQuery {
        var rest = self
        rest.cursor = cursor
        let first = max(positions.lowerBound, cursor.position.next)
        // What ends in front of the cursor has nothing behind it.
        if first > positions.upperBound {
            rest.limit = 0
        } else {
            rest.positions = first ... positions.upperBound
        }
        return rest
    }

    /// The query for what follows a page, which proves that the store still holds what the page ended with.
    package func goingOn(behind page: EventPage) -> EventQuery {
        var rest = self
        switch direction {
        case .forwards:
            rest.cursor = page.cursor ?? page.events.last.map { EventCursor(after: $0) } ?? cursor
        case .backwards:
            // The highest position of all: what lies before it cannot have changed where that has not.
            rest.cursor = cursor ?? page.events.first.map { EventCursor(after: $0) }
        }
        return rest
    }

    /// The position up to which a page has looked, of a query that goes forwards.
    /// - Parameters:
    ///   - events: of the page.
    ///   - next: the rest of the query.
    ///   - last: the last position that readers may see.
    package func lookedThrough(_ events: [RecordedEvent], next: EventQuery?, last: Position) -> Position {
        // What the limit has ended has not looked behind the last event that counted.
        if let limit, events.count >= limit {
            return events.last?.position ?? cursor?.position ?? .beforeFirst
        }
        let end = min(positions.upperBound, last)
        return next.map { min($0.positions.lowerBound.previous, end) } ?? end
    }

    /// Whether `event` belongs to the scope of the query.
    public func covers(_ event: RecordedEvent) -> Bool {
        switch scope {
        case .all: true
        case .aggregate(let id): event.aggregateID == id
        case .graph(let id): event.rootID == id
        }
    }
}

/// Some of the events that a query asks for, and the query for the rest.
public struct EventPage: Sendable {
    /// In the order of the query. May be empty while `next` is not nil.
    public var events: [RecordedEvent]
    /// Reads on from here; nil when there was nothing more at the time of reading. A page may be
    /// empty and still have a next one, where filters left out all that was looked at.
    public var next: EventQuery?
    /// Everything up to here was looked at, by a query that has a cursor and goes forwards: to go on from, with the query for the rest
    /// or later. Nil for other queries, and from stores that prove nothing.
    public var cursor: EventCursor?

    /// A page as a store makes it; `next` is nil where nothing is left to read.
    public init(events: [RecordedEvent], next: EventQuery?, cursor: EventCursor? = nil) {
        self.events = events
        self.next = next
        self.cursor = cursor
    }
}
