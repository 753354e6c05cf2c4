// What appending gives back, and that a commit is one: in order, whole, over as many streams as it has.

internal import Recall

extension EventStoreConformance {
    static let emptyStoreCases: [Case] = [
        Case("an empty store has nothing to read") { session in
            let store = session.store
            try expectEqual(
                try await store.lastPosition(), .beforeFirst, "The last position of an empty store")
            for scope in [EventQuery.Scope.all, .aggregate(Sample.absent), .graph(Sample.absent)] {
                for direction in [EventQuery.Direction.forwards, .backwards] {
                    let query = EventQuery(scope, direction: direction)
                    try expectEvents(try await store.readToEnd(query), [], "Reading \(query.brief)")
                }
            }
        },
        Case("an empty store knows no aggregate") { session in
            try expectEqual(
                try await session.store.status(of: Sample.absent), nil, "The status in an empty store")
        },
        Case("a sequence over an empty store ends at once") { session in
            for try await event in session.store.events() {
                throw ConformanceFailure(
                    "A sequence over an empty store: expected no event, found \(event.brief).")
            }
        },
        Case("a commit without events is refused") { session in
            try await expectError(.invalidArgument, from: "Appending no event") {
                try await session.store.append(Commit(events: []))
            }
            try await expectError(.invalidArgument, from: "Appending no event to a stream") {
                try await session.store.append(Commit([], to: Sample.company, expecting: .noStream))
            }
            try expectEqual(
                try await session.store.lastPosition(), .beforeFirst, "The last position after it")
        },
    ]

    static let appendCases: [Case] = [
        Case("the first event has position 1 and version 1") { session in
            let receipt = try await session.store.append(
                Commit([Sample.event()], to: Sample.company, expecting: .noStream))
            try expectEqual(
                receipt,
                CommitReceipt(
                    firstPosition: 1, lastPosition: 1, versions: [Sample.company: 1], wasStoredBefore: false),
                "The receipt of the first commit")
            try expectEqual(try await session.store.lastPosition(), 1, "The last position after it")
        },
        Case("a receipt names the positions and the last version of each stream") { session in
            _ = try await session.store.append(Commit(Sample.events(3), to: Sample.company))
            let events = [
                Sample.event(to: Sample.company), Sample.event(to: Sample.account),
                Sample.event(to: Sample.company), Sample.event(to: Sample.company),
            ]
            let receipt = try await session.store.append(Commit(events: events))
            try expectEqual(
                receipt,
                CommitReceipt(
                    firstPosition: 4, lastPosition: 7, versions: [Sample.company: 6, Sample.account: 1],
                    wasStoredBefore: false),
                "The receipt of a commit of two streams")
        },
        Case("an event can be read as soon as its commit returned") { session in
            for number in 1 ... 20 as ClosedRange<UInt64> {
                let receipt = try await session.store.append(
                    Commit(
                        [Sample.event(to: AggregateID(number: number % 3 + 1))],
                        to: AggregateID(number: number % 3 + 1)))
                try expectEqual(
                    try await session.store.lastPosition(), receipt.lastPosition, "The last position")
                let last = try await session.store.readToEnd(EventQuery(direction: .backwards, limit: 1))
                try expectEqual(last.map(\.position), [receipt.lastPosition], "The last event of the store")
            }
        },
        Case("positions and versions have no gaps") { session in
            _ = try await Sample.fill(session.store)
            var versions: [AggregateID: Version] = [:]
            var position = Position.beforeFirst
            for event in try await session.store.readToEnd(EventQuery()) {
                position = position.next
                let version = versions[event.aggregateID, default: .beforeFirst].next
                versions[event.aggregateID] = version
                try expectEqual(event.position, position, "The position of \(event.brief)")
                try expectEqual(event.version, version, "The version of \(event.brief)")
            }
            try expectEqual(try await session.store.lastPosition(), position, "The last position")
        },
        Case("a refused commit leaves no gap") { session in
            var model = ReferenceModel()
            for number in 0 ..< 12 {
                let expected: ExpectedVersion = number.isMultiple(of: 2) ? .any : .exact(1_000)
                try await model.append(
                    Commit(Sample.events(2), to: Sample.company, expecting: expected),
                    comparing: session.store)
            }
            try await model.compare(with: session.store)
        },
        Case("events of interleaved aggregates keep the order of their commit") { session in
            let streams = [Sample.company, Sample.account, Sample.depot]
            let events = (0 ..< 30).map {
                Sample.event(EventType("Number\($0)"), to: streams[($0 * 7) % 3], payload: "\($0)")
            }
            _ = try await session.store.append(Commit(events: events))
            let read = try await session.store.readToEnd(EventQuery())
            try expectEqual(read.map(\.id), events.map(\.id), "The ids in order of position")
            for stream in streams {
                let ids = events.filter { $0.aggregateID == stream }.map(\.id)
                let own = try await session.store.readToEnd(EventQuery(.aggregate(stream)))
                try expectEqual(own.map(\.id), ids, "The ids in the stream \(stream)")
                try expectEqual(
                    own.map(\.version.rawValue), Array(1 ... UInt64(ids.count)), "The versions of \(stream)")
            }
        },
        Case("a commit over several aggregates is stored whole") { session in
            var model = ReferenceModel()
            let ids = (1 ... 50).map { AggregateID(number: UInt64($0)) }
            for _ in 0 ..< 3 {
                try await model.append(
                    Commit(events: ids.map { Sample.event(to: $0) }), comparing: session.store)
            }
            try await model.compare(with: session.store)
        },
        Case("one conflicting stream keeps out the whole commit") { session in
            var model = ReferenceModel()
            try await model.append(
                Commit(Sample.events(2, to: Sample.account), to: Sample.account), comparing: session.store)
            for conflicting in [Sample.company, Sample.account, Sample.depot] {
                let wrong: ExpectedVersion = conflicting == Sample.account ? .exact(1) : .streamExists
                var expected: [AggregateID: ExpectedVersion] = [
                    Sample.company: .noStream, Sample.account: .exact(2), Sample.depot: .any,
                ]
                expected[conflicting] = wrong
                let commit = Commit(
                    events: [Sample.company, Sample.account, Sample.depot].map { Sample.event(to: $0) },
                    expectedVersions: expected)
                let outcome = try await model.append(commit, comparing: session.store)
                try expectEqual(outcome, .refused(.conflict), "A wrong expectation of \(conflicting)")
                try await model.compare(with: session.store)
            }
        },
        Case("an expectation of a stream without an event in the commit counts") { session in
            var model = ReferenceModel()
            let commit = Commit(
                events: [Sample.event(to: Sample.company)],
                expectedVersions: [Sample.account: .streamExists])
            let refused = try await model.append(commit, comparing: session.store)
            try expectEqual(refused, .refused(.conflict), "Expecting another stream to exist")
            try await model.append(
                Commit(Sample.events(1, to: Sample.account), to: Sample.account), comparing: session.store)
            try await model.append(commit, comparing: session.store)
            try await model.compare(with: session.store)
        },
        Case("a commit of 1,000 events is stored whole") { session in
            var model = ReferenceModel()
            try await model.append(Commit(Sample.events(1_000), to: Sample.company), comparing: session.store)
            try await model.compare(EventQuery(pageEventCountMax: 33), with: session.store)
        },
    ]
}
