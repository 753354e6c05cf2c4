// The events of a store in memory and where each stream's are: a value without locks or waiting.
// An event's index is its position less one; a stream's list is in order of version and of position.

/// Events in order, with an index by stream, by graph and by event id.
struct MemoryEventLog: Sendable {
    private var events: [RecordedEvent] = []
    private var streams: [AggregateID: [Int]] = [:]
    /// Indices of the events of a root and all its children.
    private var graphs: [AggregateID: [Int]] = [:]
    private var indices: [EventID: Int] = [:]

    var lastPosition: Position { Position(UInt64(events.count)) }

    func status(of aggregate: AggregateID) -> AggregateStatus? {
        let stream = streams[aggregate] ?? []
        let graph = graphs[aggregate] ?? stream
        guard let last = graph.last ?? stream.last else { return nil }
        return AggregateStatus(
            version: Version(UInt64(stream.count)),
            graphPosition: events[max(last, stream.last ?? last)].position)
    }

    mutating func append(_ commit: Commit, at now: Timestamp) throws(StoreError) -> CommitReceipt {
        let verdict = try CommitJudge.judge(
            commit,
            storedEvent: { id throws(StoreError) in indices[id].map { events[$0] } },
            version: { id throws(StoreError) in Version(UInt64(streams[id]?.count ?? 0)) },
            graphPosition: { id throws(StoreError) in
                graphs[id]?.last.map { events[$0].position } ?? .beforeFirst
            })
        if case .isRepetition(let receipt) = verdict { return receipt }
        let first = lastPosition.next
        for event in commit.events {
            let index = events.count
            streams[event.aggregateID, default: []].append(index)
            graphs[event.rootID, default: []].append(index)
            indices[event.id] = index
            let version = Version(UInt64(streams[event.aggregateID]?.count ?? 0))
            events.append(
                RecordedEvent(event, position: lastPosition.next, version: version, time: now))
        }
        return CommitReceipt(
            firstPosition: first, lastPosition: lastPosition,
            streams: StreamVersions(of: events.suffix(commit.events.count)) { ($0.aggregateID, $0.version) },
            wasStoredBefore: false)
    }

    /// Reads a page. The query has been checked.
    /// - Throws: `anotherHistory` where the events are not those that the query's cursor knows.
    func read(_ query: EventQuery) throws(StoreError) -> EventPage {
        try query.cursor?.check(in: nil, last: lastPosition) { (position) throws(StoreError) in
            events[Int(position.rawValue) - 1].id
        }
        var page =
            switch query.scope {
            case .all: read(query, in: events.indices)
            case .aggregate(let id): read(query, in: streams[id] ?? [])
            case .graph(let id): read(query, in: graphs[id] ?? [])
            }
        if query.cursor != nil, query.direction == .forwards {
            let position = query.lookedThrough(page.events, next: page.next, last: lastPosition)
            page.cursor = EventCursor(
                position: position,
                eventID: position > .beforeFirst ? events[Int(position.rawValue) - 1].id : nil)
        }
        return page
    }

    private func read(_ query: EventQuery, in candidates: some RandomAccessCollection<Int>) -> EventPage {
        // Indices rise, so the range of positions is found by halving and not by looking at all.
        let lower = candidates.partitioned { events[$0].position >= query.positions.lowerBound }
        let upper = candidates.partitioned { events[$0].position > query.positions.upperBound }
        let inRange = candidates[lower ..< max(lower, upper)]
        switch query.direction {
        case .forwards: return page(query, of: inRange)
        case .backwards: return page(query, of: inRange.reversed())
        }
    }

    private func page(_ query: EventQuery, of candidates: some Collection<Int>) -> EventPage {
        let countMax = min(query.limit ?? .max, query.pageEventCountMax)
        var page: [RecordedEvent] = []
        var bytesCount = 0
        for index in candidates {
            let event = events[index]
            guard query.accepts(event) else { continue }
            if page.count < countMax, bytesCount < query.pageBytesMax {
                page.append(event)
                bytesCount += event.contentBytesCount
                continue
            }
            // One more than fits: that is where the next page begins, unless the limit ends it here.
            var next = query
            next.limit = query.limit.map { $0 - page.count }
            if next.limit == 0 { break }
            switch query.direction {
            case .forwards: next.positions = event.position ... query.positions.upperBound
            case .backwards: next.positions = query.positions.lowerBound ... event.position
            }
            return EventPage(events: page, next: next)
        }
        return EventPage(events: page, next: nil)
    }
}

extension RandomAccessCollection {
    /// The first index whose element satisfies `predicate`, which all elements behind it do too.
    fileprivate func partitioned(by predicate: (Element) -> Bool) -> Index {
        var low = startIndex
        var count = self.count
        while count > 0 {
            let half = count / 2
            let middle = index(low, offsetBy: half)
            if predicate(self[middle]) {
                count = half
            } else {
                low = index(after: middle)
                count -= half + 1
            }
        }
        return low
    }
}
