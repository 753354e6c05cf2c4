// What a query gives back: order, ranges, limits, pages and filters, each against the plain model.

internal import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventStoreConformance {
    static let readCases: [Case] = [
        Case("reading everything gives the order of positions") { session in
            let model = try await Sample.fill(session.store)
            try await model.compare(EventQuery(), with: session.store)
        },
        Case("reading backwards gives the reverse order") { session in
            let model = try await Sample.fill(session.store)
            let read = try await session.store.readToEnd(EventQuery(direction: .backwards))
            try expectEvents(read, model.events.reversed(), "Reading everything backwards")
        },
        Case("a stream holds its own events in order of version") { session in
            let model = try await Sample.fill(session.store)
            for (entity, _, _) in Sample.roots {
                let read = try await session.store.readToEnd(EventQuery(.aggregate(entity)))
                try expectEvents(
                    read, model.events.filter { $0.aggregateID == entity }, "Reading the stream \(entity)")
            }
        },
        Case("an absent stream and an absent graph are empty") { session in
            _ = try await Sample.fill(session.store)
            for scope in [EventQuery.Scope.aggregate(Sample.absent), .graph(Sample.absent)] {
                try expectEvents(
                    try await session.store.readToEnd(EventQuery(scope)), [], "Reading \(scope)")
            }
        },
        Case("a limit of 0 reads nothing and has no next page") { session in
            _ = try await Sample.fill(session.store)
            for scope in [EventQuery.Scope.all, .aggregate(Sample.company), .graph(Sample.company)] {
                for direction in [EventQuery.Direction.forwards, .backwards] {
                    let query = EventQuery(scope, direction: direction, limit: 0)
                    let page = try await session.store.read(query)
                    try expectEvents(page.events, [], "Reading \(query.brief)")
                    try expectEqual(page.next, nil, "The page after \(query.brief)")
                }
            }
        },
        Case("a limit holds over all pages together") { session in
            let model = try await Sample.fill(session.store)
            for limit in [1, 2, 5, 10, 11, model.events.count, model.events.count + 1, Int.max] {
                for pageCount in [1, 3, 10, 1024] {
                    try await model.compare(
                        EventQuery(limit: limit, pageEventCountMax: pageCount), with: session.store)
                }
            }
        },
        Case("a negative limit and a page without events are refused") { session in
            _ = try await Sample.fill(session.store)
            for query in [
                EventQuery(limit: -1), EventQuery(pageEventCountMax: 0), EventQuery(pageEventCountMax: -5),
                EventQuery(pageBytesMax: 0), EventQuery(pageBytesMax: -1),
            ] {
                try await expectError(.invalidArgument, from: "Reading \(query.brief)") {
                    try await session.store.read(query)
                }
            }
        },
        Case("both ends of a range of positions belong to it") { session in
            let model = try await Sample.fill(session.store)
            let last = model.lastPosition
            let ranges: [ClosedRange<Position>] = [
                1 ... 1, 2 ... 2, 3 ... 9, last ... last, last.previous ... .last, last.next ... .last,
                0 ... 0, 0 ... 3,
                0 ... .last, .last ... .last,
            ]
            for range in ranges {
                for scope in [EventQuery.Scope.all, .aggregate(Sample.fry), .graph(Sample.company)] {
                    for direction in [EventQuery.Direction.forwards, .backwards] {
                        let query = EventQuery(
                            scope, direction: direction, positions: range, pageEventCountMax: 4)
                        try await model.compare(query, with: session.store)
                    }
                }
            }
        },
        Case("both ends of a range of versions belong to it") { session in
            let model = try await Sample.fill(session.store)
            let ranges: [ClosedRange<Version>] = [
                1 ... 1, 2 ... 2, 2 ... 5, 0 ... 0, 0 ... 2, 4 ... .last, 1_000 ... .last, .last ... .last,
            ]
            for range in ranges {
                for entity in [Sample.company, Sample.fry, Sample.absent] {
                    for direction in [EventQuery.Direction.forwards, .backwards] {
                        let query = EventQuery(
                            .aggregate(entity), direction: direction, versions: range, pageEventCountMax: 2)
                        try await model.compare(query, with: session.store)
                    }
                }
            }
        },
        Case("the last event is the first of a backwards reading") { session in
            _ = try await Sample.fill(session.store)
            let last = try await session.store.readToEnd(EventQuery(direction: .backwards, limit: 1))
            try expectEqual(
                last.map(\.position), [try await session.store.lastPosition()], "The last event of the store")
        },
        Case("a page read earlier goes on after later commits") { session in
            var model = try await Sample.fill(session.store)
            let page = try await session.store.read(EventQuery(pageEventCountMax: 5))
            guard var rest = page.next else {
                throw ConformanceFailure(
                    "Reading 5 events of \(model.events.count): expected a next page, found none.")
            }
            try await model.append(
                Commit(Sample.events(4, to: Sample.depot), to: Sample.depot), comparing: session.store)
            rest.pageEventCountMax = 1024
            let all = page.events + (try await session.store.readToEnd(rest))
            try expectEvents(all, model.events, "A reading that went on after a later commit")
        },
        Case("a page ends with the event that brings it to its bytes") { session in
            let store = session.store
            var events: [NewEvent] = []
            for number in 0 ..< 24 {
                var event = Sample.event(
                    to: number % 3 == 0 ? Sample.fry : Sample.company, root: Sample.company)
                event.aggregateType = "Thing"
                event.payload = Data(count: 1_000 * (number % 4))
                event.metadata["text"] = String(repeating: "x", count: 700)
                event.tags = ["number:\(number)"]
                events.append(event)
            }
            for start in stride(from: 0, to: 24, by: 6) {
                _ = try await store.append(Commit(events: Array(events[start ..< start + 6])))
            }
            for scope in [EventQuery.Scope.all, .aggregate(Sample.company), .graph(Sample.company)] {
                for direction in [EventQuery.Direction.forwards, .backwards] {
                    for bytesMax in [1, 2_000, 6_000, 1 << 20] {
                        let query = EventQuery(scope, direction: direction, pageBytesMax: bytesMax)
                        try await checkBytes(of: query, in: store)
                    }
                }
            }
        },
        Case("a sequence gives the same events as its pages") { session in
            let model = try await Sample.fill(session.store)
            for query in [
                EventQuery(pageEventCountMax: 3), EventQuery(.graph(Sample.company), direction: .backwards),
                EventQuery(eventTypes: ["Hired"], limit: 4, pageEventCountMax: 1),
            ] {
                var found: [RecordedEvent] = []
                for try await event in session.store.events(query) { found.append(event) }
                try expectEvents(found, model.events(query), "A sequence over \(query.brief)")
            }
        },
    ]

    /// Reads all pages of a query: each but its last event has less than the bytes that end it, and nothing is left out.
    @inline(never)
    private static func checkBytes(of query: EventQuery, in store: any EventStore) async throws {
        let all = try await store.readToEnd(EventQuery(query.scope, direction: query.direction))
        var found: [RecordedEvent] = []
        var next: EventQuery? = query
        while let asked = next {
            let page = try await store.read(asked)
            let bytesCount = page.events.dropLast().reduce(0) { $0 + $1.contentBytesCount }
            try expect(
                bytesCount < query.pageBytesMax,
                "A page that ends with \(query.pageBytesMax) bytes: expected less before its last event, found \(bytesCount)."
            )
            found += page.events
            next = page.next
        }
        try expectEvents(found, all, "Pages of \(query.brief) that end with \(query.pageBytesMax) bytes")
    }

    /// The filters that a query may have, each alone and some together.
    private static let filters: [(name: String, query: EventQuery)] = {
        func moment(_ microseconds: Int64) -> Timestamp { Timestamp(microsecondsSince1970: microseconds) }
        return [
            ("everything", EventQuery()),
            ("one event type", EventQuery(eventTypes: ["Hired"])),
            ("two event types", EventQuery(eventTypes: ["Founded", "Paid"])),
            ("an event type nobody has", EventQuery(eventTypes: ["hired"])),
            ("one aggregate type", EventQuery(aggregateTypes: ["Employee"])),
            ("two aggregate types", EventQuery(aggregateTypes: ["Company", "Depot"])),
            ("since a moment", EventQuery(since: moment(10))),
            ("until a moment", EventQuery(until: moment(10))),
            ("one moment", EventQuery(since: moment(7), until: moment(7))),
            ("since after until", EventQuery(since: moment(9), until: moment(3))),
            (
                "all filters together",
                EventQuery(
                    positions: 3 ... 50, eventTypes: ["Hired", "Promoted"],
                    aggregateTypes: ["Company", "Employee"], since: moment(2), until: moment(17))
            ),
        ]
    }()

    /// Every scope, direction and filter: what comes in pages of any size is what one big page holds,
    /// and that is what the model says.
    static let queryCases: [Case] = {
        let scopes: [(name: String, scope: EventQuery.Scope)] = [
            ("everything", .all), ("a root's stream", .aggregate(Sample.company)),
            ("a child's stream", .aggregate(Sample.leela)), ("a graph", .graph(Sample.company)),
            ("a graph of one", .graph(Sample.depot)), ("an absent stream", .aggregate(Sample.absent)),
        ]
        return scopes.flatMap { scope in
            [EventQuery.Direction.forwards, .backwards].flatMap { direction in
                filters.map { filter in
                    Case("\(scope.name) read \(direction), filter: \(filter.name)") { session in
                        let model = try await Sample.fill(session.store)
                        var query = filter.query
                        query.scope = scope.scope
                        query.direction = direction
                        for limit in [nil, 1, 4, 9] as [Int?] {
                            query.limit = limit
                            for pageCount in [100_000, 1, 2, 3, 7] {
                                query.pageEventCountMax = pageCount
                                try await model.compare(query, with: session.store)
                            }
                        }
                    }
                }
            }
        }
    }()
}
