// Following a store: what was there, then what comes, with no event lost or doubled at the seam.

internal import Recall

extension EventStoreConformance {
    static let followingCases: [Case] = [
        Case("waiting returns at once when the event is there") { session in
            let store = session.store
            _ = try await store.append(Commit(Sample.events(3), to: Sample.company))
            for position in [0, 1, 2] as [Position] {
                try await withDeadline("Waiting for an event after \(position) of 3") {
                    try await store.waitForEvent(after: position)
                }
            }
        },
        Case("waiting returns when an event comes") { session in
            let store = session.store
            for position in [0, 1, 2] as [Position] {
                let waiting = Task { try await store.waitForEvent(after: position) }
                for _ in 0 ..< 20 { await Task.yield() }
                _ = try await store.append(Commit(Sample.events(1), to: Sample.company))
                try await withDeadline("Waiting for the event after \(position), which was appended") {
                    try await withTaskCancellationHandler {
                        try await waiting.value
                    } onCancel: {
                        waiting.cancel()
                    }
                }
                let last = try await store.lastPosition()
                try expect(
                    last > position, "Waiting for an event after \(position): expected it to be readable.")
            }
        },
        Case("waiting beyond the next event goes on until it comes") { session in
            let store = session.store
            let waiting = Task { try await store.waitForEvent(after: 2) }
            let appending = Task {
                for _ in 0 ..< 3 { _ = try await store.append(Commit(Sample.events(1), to: Sample.company)) }
            }
            try await withDeadline("Waiting for an event after 2 of 3") { try await waiting.value }
            try expect(
                try await store.lastPosition() >= 3,
                "Waiting for an event after 2: expected position 3 to be readable.")
            try await appending.value
        },
        Case("all who wait are woken") { session in
            let store = session.store
            try await withDeadline("Waiting of 20 tasks for one event") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0 ..< 20 { group.addTask { try await store.waitForEvent(after: 0) } }
                    for _ in 0 ..< 20 { await Task.yield() }
                    _ = try await store.append(Commit(Sample.events(1), to: Sample.company))
                    try await group.waitForAll()
                }
            }
        },
        Case("waiting ends when its task is cancelled") { session in
            let store = session.store
            _ = try await store.append(Commit(Sample.events(1), to: Sample.company))
            for yieldCount in [0, 1, 10, 100] {
                let waiting = Task { try await store.waitForEvent(after: 1) }
                for _ in 0 ..< yieldCount { await Task.yield() }
                waiting.cancel()
                try await withDeadline("Waiting in a cancelled task") {
                    try await expectError(.cancelled, from: "Waiting in a cancelled task") {
                        try await waiting.value
                    }
                }
            }
            let receipt = try await store.append(Commit(Sample.events(1), to: Sample.company))
            try expectEqual(receipt.firstPosition, 2, "The position after waits that were cancelled")
        },
        Case("a subscription ends when its task is cancelled") { session in
            let store = session.store
            _ = try await store.append(Commit(Sample.events(2), to: Sample.company))
            let following = Task {
                var count = 0
                for try await _ in store.subscribe() { count += 1 }
                return count
            }
            for _ in 0 ..< 20 { await Task.yield() }
            following.cancel()
            try await withDeadline("A subscription in a cancelled task") {
                // An error would be a failure of the service that follows, which only shuts down.
                try expectEqual(try await following.value <= 2, true, "The end of a cancelled subscription")
            }
        },
        Case("a subscription catches up, then follows") { session in
            let store = session.store
            _ = try await store.append(Commit(Sample.events(10), to: Sample.company))
            try await withDeadline("A subscription of 10 events and 4 more") {
                var iterator = store.subscribe(EventQuery(limit: 14, pageEventCountMax: 3))
                    .makeAsyncIterator()
                for position in 1 ... 10 as ClosedRange<UInt64> {
                    try expectEqual(
                        try await iterator.next()?.position, Position(position), "The caught up event")
                }
                for position in 11 ... 14 as ClosedRange<UInt64> {
                    _ = try await store.append(
                        Commit(Sample.events(1, to: Sample.account), to: Sample.account))
                    try expectEqual(
                        try await iterator.next()?.position, Position(position), "The followed event")
                }
                try expectEqual(try await iterator.next()?.position, nil, "The event after the limit")
            }
        },
        Case("a subscription loses and doubles nothing while events come") { session in
            let store = session.store
            let total = 600
            try await withDeadline("Subscriptions to \(total) events") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (pageCount, from) in [(1, 1), (7, 1), (1024, 1), (16, 200)] as [(Int, UInt64)] {
                        group.addTask {
                            var expected = Position(from)
                            let query = EventQuery(
                                positions: Position(from) ... Position(UInt64(total)),
                                pageEventCountMax: pageCount)
                            for try await event in store.subscribe(query) {
                                try expectEqual(
                                    event.position, expected, "The next event, \(pageCount) a page")
                                expected = expected.next
                            }
                            try expectEqual(
                                expected, Position(UInt64(total) + 1),
                                "The end of the range, \(pageCount) a page")
                        }
                    }
                    group.addTask {
                        for number in 0 ..< (total / 3) {
                            let stream = AggregateID(number: UInt64(number % 5) + 1)
                            _ = try await store.append(Commit(Sample.events(3, to: stream), to: stream))
                        }
                    }
                    try await group.waitForAll()
                }
            }
        },
        Case("a subscription with a filter follows what passes it") { session in
            let store = session.store
            let types: [EventType] = ["Hired", "Paid", "Paid"]
            let events = (0 ..< 90).map { Sample.event(types[$0 % 3], payload: "\($0)") }
            let wanted = events.filter { $0.type == "Hired" }.map(\.id)
            _ = try await store.append(Commit(events: Array(events[..<31])))
            try await withDeadline("A subscription to one event type") {
                async let found = {
                    var ids: [EventID] = []
                    let query = EventQuery(eventTypes: ["Hired"], limit: wanted.count, pageEventCountMax: 2)
                    for try await event in store.subscribe(query) { ids.append(event.id) }
                    return ids
                }()
                for event in events[31...] { _ = try await store.append(Commit(events: [event])) }
                try expectEqual(try await found, wanted, "The ids of a filtered subscription")
            }
        },
        Case("a subscription to a graph and to a stream follows them") { session in
            let store = session.store
            try await withDeadline("Subscriptions to a graph and to a stream") {
                async let graph = {
                    var entities: [AggregateID] = []
                    let query = EventQuery(.graph(Sample.company), limit: 6)
                    for try await event in store.subscribe(query) { entities.append(event.aggregateID) }
                    return entities
                }()
                async let stream = {
                    var versions: [Version] = []
                    let query = EventQuery(.aggregate(Sample.fry), versions: 2 ... .last, limit: 2)
                    for try await event in store.subscribe(query) { versions.append(event.version) }
                    return versions
                }()
                for _ in 0 ..< 3 {
                    _ = try await store.append(
                        Commit(events: [
                            Sample.event(to: Sample.company), Sample.event(to: Sample.account),
                            Sample.event(to: Sample.fry, root: Sample.company),
                        ]))
                }
                let expected = [
                    Sample.company, Sample.fry, Sample.company, Sample.fry, Sample.company, Sample.fry,
                ]
                try expectEqual(try await graph, expected, "The entities of a graph that is followed")
                try expectEqual(try await stream, [2, 3], "The versions of a stream that is followed")
            }
        },
        Case("a subscription with limit 0 ends at once") { session in
            let store = session.store
            try await withDeadline("A subscription with limit 0") {
                for try await event in store.subscribe(EventQuery(limit: 0)) {
                    throw ConformanceFailure(
                        "A subscription with limit 0: expected no event, found \(event.brief).")
                }
            }
        },
    ]
}
