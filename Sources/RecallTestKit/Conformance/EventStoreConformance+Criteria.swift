// Finding events by what they are about: types and tags, in items of which any may match. What is expected is counted here from the
// bytes of what was appended, and not by the library's own matching.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall

extension EventStoreConformance {
    /// An event of the cases below: what it is about.
    private struct About {
        var type: String
        var tags: [String]

        func matches(_ item: EventCriteria.Item) -> Bool {
            let types = item.types.map { Array($0.rawValue.utf8) }
            let tags = Set(self.tags.map { Array($0.utf8) })
            return (types.isEmpty || types.contains(Array(type.utf8)))
                && item.tags.allSatisfy { tags.contains(Array($0.rawValue.utf8)) }
        }
    }

    /// Types and tags that share beginnings, differ in case, only look alike, or are empty.
    private static let typeNames = ["Enrolled", "Enrolled2", "enrolled", "Caf\u{E9}", "Cafe\u{301}"]
    private static let tagNames = [
        "course:1", "course:10", "Course:1", "student:1", "Caf\u{E9}", "Cafe\u{301}", "",
    ]

    private static func abouts(_ count: Int) -> [About] {
        var generator = SeededGenerator(seed: 11)
        return (0 ..< count).map { _ in
            // Some events have a tag twice, and many have none.
            let tags = (0 ..< Int.random(in: 0 ... 4, using: &generator)).compactMap { _ in
                tagNames.randomElement(using: &generator)
            }
            return About(type: typeNames.randomElement(using: &generator) ?? "", tags: tags)
        }
    }

    private static func append(_ subjects: [About], to store: any EventStore) async throws {
        let owners = [Sample.company, Sample.leela, Sample.depot]
        let events = subjects.enumerated().map { index, subject in
            NewEvent(
                aggregateID: owners[index % 3], aggregateType: "Course", type: EventType(subject.type),
                tags: subject.tags.map { EventTag($0) }, payload: Data("{\"n\":\(index)}".utf8))
        }
        for start in stride(from: 0, to: events.count, by: 4) {
            _ = try await store.append(Commit(events: Array(events[start ..< min(start + 4, events.count)])))
        }
    }

    static let criteriaCases: [Case] = [
        Case("events are found by types and tags, whatever the items, the order and the pages") { session in
            let subjects = abouts(60)
            try await append(subjects, to: session.store)
            var generator = SeededGenerator(seed: 12)
            for _ in 0 ..< 60 {
                let criteria = EventCriteria(
                    (0 ..< Int.random(in: 0 ... 3, using: &generator)).map { _ in
                        EventCriteria.Item(
                            types: Set(
                                typeNames.filter { _ in Int.random(in: 0 ..< 3, using: &generator) == 0 }
                                    .map { EventType($0) }),
                            tags: Set(
                                tagNames.filter { _ in Int.random(in: 0 ..< 4, using: &generator) == 0 }
                                    .map { EventTag($0) }))
                    })
                var query = EventQuery(matching: criteria)
                query.direction = Bool.random(using: &generator) ? .forwards : .backwards
                query.pageEventCountMax = Int.random(in: 1 ... 9, using: &generator)
                query.limit =
                    Bool.random(using: &generator) ? nil : Int.random(in: 0 ... 9, using: &generator)
                try await expect(query, finds: subjects, in: session.store)
            }
        },
        Case("an item without types and tags matches every event, and no item none") { session in
            let subjects = abouts(12)
            try await append(subjects, to: session.store)
            let none = try await session.store.readToEnd(EventQuery(matching: EventCriteria()))
            try expectEqual(none.count, 0, "What matches no item")
            for criteria in [EventCriteria.all, EventCriteria(.types("Nobody"), EventCriteria.Item())] {
                let all = try await session.store.readToEnd(EventQuery(matching: criteria))
                try expectEqual(all.count, subjects.count, "What matches an empty item")
            }
        },
        Case("criteria hold together with scope, ranges and the other filters") { session in
            let subjects = abouts(60)
            try await append(subjects, to: session.store)
            let criteria = EventCriteria(.tagged("course:1"), .types("Enrolled", "Caf\u{E9}"))
            for scope in [EventQuery.Scope.aggregate(Sample.company), .graph(Sample.depot), .all] {
                let all = try await session.store.readToEnd(
                    EventQuery(scope, positions: 5 ... 50, eventTypes: ["Enrolled", "enrolled"]))
                let wanted = all.filter { event in
                    let subject = About(type: event.type.rawValue, tags: event.tags.map(\.rawValue))
                    return criteria.items.contains { subject.matches($0) }
                }
                let found = try await session.store.readToEnd(
                    EventQuery(
                        scope, positions: 5 ... 50, eventTypes: ["Enrolled", "enrolled"], matching: criteria,
                        pageEventCountMax: 3))
                try expectEvents(found, wanted, "What matches in \(scope)")
            }
        },
        Case("a subscription to criteria gives what was there and what comes, and nothing else") { session in
            let store = session.store
            let all = abouts(40)
            let criteria = EventCriteria(.tagged("course:1"), .types("enrolled"))
            let wanted = all.indices.filter { index in criteria.items.contains { all[index].matches($0) } }
                .map { UInt64($0) + 1 }
            try await append(Array(all[..<20]), to: store)
            let reading = Task {
                var found: [UInt64] = []
                for try await event in store.subscribe(EventQuery(matching: criteria, limit: wanted.count)) {
                    found.append(event.position.rawValue)
                }
                return found
            }
            try await append(Array(all[20...]), to: store)
            let found = try await withDeadline("A subscription to criteria") { try await reading.value }
            try expectEqual(found, wanted, "The positions that a subscription to criteria gave")
        },
    ]

    @inline(never)
    private static func expect(
        _ query: EventQuery, finds subjects: [About], in store: any EventStore
    ) async throws {
        let items = query.matching?.items ?? []
        var wanted = subjects.indices.filter { index in items.contains { subjects[index].matches($0) } }
            .map { UInt64($0) + 1 }
        if query.direction == .backwards { wanted.reverse() }
        if let limit = query.limit { wanted = Array(wanted.prefix(limit)) }
        let found = try await store.readToEnd(query).map(\.position.rawValue)
        try expectEqual(found, wanted, "The positions of \(query.brief)")
    }
}
