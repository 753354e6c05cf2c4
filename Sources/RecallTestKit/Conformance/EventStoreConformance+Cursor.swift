// Going on from an event that is known: each page says how far it has looked, so that whoever keeps that misses nothing, and
// refuses where the store does not hold what the reader has passed.

internal import Recall

extension EventStoreConformance {
    private static let scopes: [EventQuery.Scope] = [
        .all, .aggregate(Sample.company), .aggregate(Sample.leela), .graph(Sample.company),
        .aggregate(Sample.absent),
    ]

    private static let filtered: [EventQuery] = [
        EventQuery(), EventQuery(eventTypes: ["Hired"]), EventQuery(eventTypes: ["hired"]),
        EventQuery(positions: 3 ... 17), EventQuery(positions: 5 ... 1_000, aggregateTypes: ["Employee"]),
        EventQuery(positions: 1_000 ... .last), EventQuery(positions: 0 ... 0),
        EventQuery(since: Timestamp(microsecondsSince1970: 7)),
    ]

    static let cursorCases: [Case] = [
        Case("a page says how far it has looked, and the event there") { session in
            let model = try await Sample.fill(session.store)
            for scope in scopes {
                for filter in filtered {
                    for limit in [nil, 0, 1, 4, 9] as [Int?] {
                        for pageCount in [100_000, 1, 3] {
                            var query = filter
                            query.scope = scope
                            query.limit = limit
                            query.pageEventCountMax = pageCount
                            query.cursor = .start
                            try await checkPages(of: query, in: session.store, model)
                        }
                    }
                }
            }
        },
        Case("a query without a cursor and one that goes backwards get none") { session in
            let model = try await Sample.fill(session.store)
            var backwards = EventQuery(direction: .backwards)
            backwards.cursor = EventCursor(after: model.events[3])
            for query in [EventQuery(), EventQuery(pageEventCountMax: 2), backwards] {
                let page = try await session.store.read(query)
                try expectEqual(page.cursor, nil, "The cursor of a page of \(query.brief)")
            }
        },
        Case("reading on from a cursor gives the rest, later commits included") { session in
            var model = try await Sample.fill(session.store)
            for scope in scopes {
                for pageCount in [1, 4, 100_000] {
                    var query = EventQuery(
                        scope, eventTypes: ["Hired", "Happened"], pageEventCountMax: pageCount)
                    query.cursor = .start
                    let page = try await session.store.read(query)
                    let cursor = try known(page.cursor, of: query)
                    try await model.append(
                        Commit(Sample.events(2, to: Sample.company), to: Sample.company),
                        comparing: session.store)
                    query.cursor = nil
                    let rest = try await session.store.readToEnd(query.after(cursor))
                    try expectEvents(
                        page.events + rest, model.events(query), "Reading on behind \(cursor.position)")
                }
            }
        },
        Case("a cursor of another history is refused by every query") { session in
            let model = try await Sample.fill(session.store)
            let last = model.events.count
            let own = EventCursor(after: model.events[last - 1])
            let others = [
                EventCursor(position: own.position, eventID: model.events[last - 2].id),
                EventCursor(position: own.position, eventID: EventID()),
                EventCursor(position: 2, eventID: EventID()),
                EventCursor(position: own.position.next, eventID: own.eventID),
                EventCursor(position: own.position.next),
                EventCursor(position: .last, eventID: own.eventID), EventCursor(position: .last),
            ]
            let held = [
                own, EventCursor(position: own.position), EventCursor(after: model.events[0]), .start,
            ]
            for query in cursorQueries {
                for cursor in others {
                    var asked = query
                    for isBehind in [true, false] {
                        asked.cursor = cursor
                        if isBehind { asked = query.after(cursor) }
                        let error = try await expectError(
                            .anotherHistory, from: "Reading \(asked.brief) behind \(cursor)"
                        ) { try await session.store.read(asked) }
                        try expect(
                            error.message.contains("position \(cursor.position)"),
                            "A refused cursor: expected its position in \"\(error.message)\".")
                    }
                }
                for cursor in held {
                    var asked = query
                    asked.cursor = cursor
                    _ = try await session.store.read(asked)
                    _ = try await session.store.read(query.after(cursor))
                }
            }
        },
        Case("a cursor of another history is refused by an empty store") { session in
            for query in cursorQueries {
                var asked = query
                asked.cursor = EventCursor(position: 1, eventID: EventID())
                try await expectError(.anotherHistory, from: "Reading \(query.brief) of an empty store") {
                    try await session.store.read(asked)
                }
                asked.cursor = .start
                let page = try await session.store.read(asked)
                if query.direction == .forwards {
                    try expectEqual(page.cursor?.position, 0, "How far an empty store was looked through")
                }
            }
        },
        Case("a subscription and a replay behind a cursor go on, or refuse another history") { session in
            let store = session.store
            let model = try await Sample.fill(store)
            let cursor = EventCursor(after: model.events[6])
            try await withDeadline("Subscriptions behind an event that is known, and behind another") {
                let query = EventQuery(pageEventCountMax: 3)
                var iterator = store.subscribe(query, after: cursor).makeAsyncIterator()
                for event in model.events[7...] {
                    try expectEqual(
                        try await iterator.next()?.id, event.id, "The event at position \(event.position)")
                }
                let another = EventCursor(position: cursor.position, eventID: EventID())
                try await expectError(.anotherHistory, from: "A subscription behind another event") {
                    for try await _ in store.subscribe(after: another) { break }
                }
            }
            let report = try await Player(store: store).play(from: PlayerCheckpoint(cursor))
            try expectEqual(report.eventCount, model.events.count - 7, "The events that were played")
            try expectEqual(
                report.checkpoint.cursor.eventID, model.events.last?.id, "The event at the checkpoint")
        },
        Case("a cursor is good for the store when that is opened again", needsReopening: true) { session in
            let model = try await Sample.fill(session.store)
            var query = EventQuery(pageEventCountMax: 5)
            query.cursor = .start
            let cursor = try known(try await session.store.read(query).cursor, of: query)
            let store = try await session.reopen()
            query.cursor = nil
            let rest = try await store.readToEnd(query.after(cursor))
            try expectEvents(
                rest, Array(model.events.dropFirst(Int(cursor.position.rawValue))),
                "Reading on in a store that was opened again")
        },
    ]

    /// Every way to read, so that each is known to look at the cursor.
    private static let cursorQueries: [EventQuery] = [
        EventQuery(), EventQuery(direction: .backwards), EventQuery(limit: 0), EventQuery(limit: 1),
        EventQuery(.aggregate(Sample.company)), EventQuery(.graph(Sample.company), direction: .backwards),
        EventQuery(.aggregate(Sample.absent)), EventQuery(.graph(Sample.absent)),
        EventQuery(positions: 1 ... 3),
        EventQuery(positions: .last ... .last), EventQuery(positions: 0 ... 0),
        EventQuery(.aggregate(Sample.company), versions: 1_000 ... .last),
        EventQuery(eventTypes: ["Nothing"]), EventQuery(pageEventCountMax: 1),
    ]

    private static func known(_ cursor: EventCursor?, of query: EventQuery) throws -> EventCursor {
        guard let cursor else {
            throw ConformanceFailure(
                "A page of \(query.brief) with a cursor: expected how far it has looked.")
        }
        return cursor
    }

    /// Reads all pages of a query. What each says to have looked through holds the events until then, and no other.
    @inline(never)
    private static func checkPages(
        of query: EventQuery, in store: any EventStore, _ model: ReferenceModel
    ) async throws {
        let wanted = model.events(query)
        var found: [RecordedEvent] = []
        var next: EventQuery? = query
        while let asked = next {
            let page = try await store.read(asked)
            found += page.events
            let what = "The page of \(asked.brief)"
            let cursor = try known(page.cursor, of: asked)
            let index = Int(clamping: cursor.position.rawValue)
            try expect(
                index <= model.events.count, "\(what): it has looked up to \(index) of \(model.events.count)."
            )
            try expectEqual(
                cursor.eventID, index == 0 ? nil : model.events[index - 1].id,
                "\(what): the event at \(index)")
            try expectEqual(
                found.map(\.position), wanted.map(\.position).filter { $0 <= cursor.position },
                "\(what): the events up to \(index), which it says to have looked through")
            if let rest = page.next {
                try expect(
                    rest.positions.lowerBound > cursor.position,
                    "\(what): expected it to go on behind \(index).")
            } else if query.limit == nil {
                let end = min(query.positions.upperBound, model.lastPosition)
                try expectEqual(cursor.position, end, "\(what): how far the last page has looked")
            }
            next = page.next
            next?.cursor = cursor
        }
        try expectEqual(found.map(\.position), wanted.map(\.position), "All pages of \(query.brief)")
    }
}
