// An event id is a promise to store a fact once: repeating is harmless, and anything else that meets a
// stored id writes nothing and says why.

internal import Recall

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventStoreConformance {
    static let idempotenceCases: [Case] =
        repetitionCases + otherBodyCases + [
            Case("a repeated commit of several streams returns the first positions") { session in
                var model = try await Sample.fill(session.store)
                for commit in Sample.history {
                    let outcome = try await model.append(commit, comparing: session.store)
                    guard case .stored(let receipt) = outcome, receipt.wasStoredBefore else {
                        throw ConformanceFailure(
                            "Repeating a commit: expected the first receipt, found \(outcome).")
                    }
                }
                try await model.compare(with: session.store)
            },
            Case("a part of a stored commit is a repetition") { session in
                let events = Sample.events(5)
                _ = try await session.store.append(Commit(events, to: Sample.company))
                let receipt = try await session.store.append(
                    Commit(Array(events[1 ... 3]), to: Sample.company, expecting: .noStream))
                try expectEqual(
                    receipt,
                    CommitReceipt(
                        firstPosition: 2, lastPosition: 4, versions: [Sample.company: 4],
                        wasStoredBefore: true),
                    "The receipt of a part of a stored commit")
            },
            Case("the time of an event is no part of its body") { session in
                var event = Sample.event(time: Timestamp(microsecondsSince1970: 5))
                _ = try await session.store.append(Commit([event], to: Sample.company))
                for time in [nil, Timestamp(microsecondsSince1970: 9)] {
                    event.time = time
                    let receipt = try await session.store.append(Commit([event], to: Sample.company))
                    try expect(receipt.wasStoredBefore, "Repeating with another time: expected a repetition.")
                }
                let read = try await session.store.readToEnd(EventQuery())
                try expectEqual(
                    read.map(\.time.microsecondsSince1970), [5], "The times that are stored")
            },
            refusal("a stored id before a new one", code: .duplicateEventID) { stored in
                [stored[0], Sample.event()]
            },
            refusal("a new id before a stored one", code: .duplicateEventID) { stored in
                [Sample.event(), stored[0]]
            },
            refusal("stored ids around a new one", code: .duplicateEventID) { stored in
                [stored[0], Sample.event(), stored[1]]
            },
            refusal("stored ids in another order", code: .duplicateEventID) { stored in
                [stored[1], stored[0]]
            },
            refusal("stored ids that do not follow each other", code: .duplicateEventID) { stored in
                [stored[0], stored[2]]
            },
            refusal("one new id twice", code: .duplicateEventID) { _ in
                let event = Sample.event()
                return [event, event]
            },
            refusal("one new id twice, among others", code: .duplicateEventID) { _ in
                let event = Sample.event()
                return [Sample.event(), event, Sample.event(to: Sample.account), event]
            },
            refusal("one new id with two bodies", code: .duplicateEventID) { _ in
                let id = EventID()
                return [Sample.event("One", id: id), Sample.event("Other", id: id)]
            },
            refusal("one stored id twice", code: .duplicateEventID) { stored in
                [stored[0], stored[0]]
            },
            Case("the same body under another id is another event") { session in
                for _ in 0 ..< 3 {
                    let receipt = try await session.store.append(
                        Commit([Sample.event()], to: Sample.company))
                    try expect(
                        !receipt.wasStoredBefore,
                        "Appending an equal body under a new id: expected a new event.")
                }
                try expectEqual(try await session.store.lastPosition(), 3, "The last position")
            },
            Case("an id that was refused can be used again") { session in
                let event = Sample.event()
                try await expectError(.conflict, from: "Expecting an absent stream to exist") {
                    try await session.store.append(
                        Commit([event], to: Sample.company, expecting: .streamExists))
                }
                let receipt = try await session.store.append(
                    Commit([event], to: Sample.company, expecting: .noStream))
                try expect(
                    !receipt.wasStoredBefore, "Appending what was refused before: expected a new event.")
            },
            Case("concurrent repetitions store an event once") { session in
                let store = session.store
                let commits = (0 ..< 20).map { _ in Commit(Sample.events(3), to: Sample.company) }
                let receipts = try await withThrowingTaskGroup(of: CommitReceipt.self) { group in
                    for commit in commits {
                        for _ in 0 ..< 5 { group.addTask { try await store.append(commit) } }
                    }
                    var receipts: [CommitReceipt] = []
                    for try await receipt in group { receipts.append(receipt) }
                    return receipts
                }
                try expectEqual(
                    receipts.count { !$0.wasStoredBefore }, 20, "The receipts of new events among 100")
                try expectEqual(Set(receipts.map(\.firstPosition)).count, 20, "The different first positions")
                try expectEqual(try await store.lastPosition(), 60, "The last position")
            },
        ]

    /// Repetitions, whatever they expect of the stream.
    private static let repetitionCases: [Case] = [
        ExpectedVersion.any, .noStream, .streamExists, .exact(0), .exact(1), .exact(2), .exact(77),
    ].map { expected in
        Case("a repetition expecting \(expected) returns the first positions") { session in
            let events = Sample.events(2)
            _ = try await session.store.append(
                Commit(Sample.events(3, to: Sample.account), to: Sample.account))
            let first = try await session.store.append(Commit(events, to: Sample.company))
            _ = try await session.store.append(Commit(Sample.events(1), to: Sample.company))
            var repetition = Commit(events, to: Sample.company, expecting: expected)
            // What was expected of a graph does not matter either.
            repetition.expectedGraphPositions = [Sample.company: 0]
            let receipt = try await session.store.append(repetition)
            var wanted = first
            wanted.wasStoredBefore = true
            try expectEqual(receipt, wanted, "The receipt of a repetition")
            try expectEqual(try await session.store.lastPosition(), 6, "The last position after it")
        }
    }

    /// One field after the other is changed in an event whose id is stored.
    private static let otherBodyCases: [Case] = {
        let changes: [(String, @Sendable (inout NewEvent) -> Void)] = [
            (
                "aggregate",
                {
                    $0.aggregateID = Sample.depot
                    $0.rootID = Sample.company
                }
            ),
            ("root", { $0.rootID = Sample.depot }),
            ("aggregate type", { $0.aggregateType = "Other" }),
            ("event type", { $0.type = "Other" }),
            ("schema version", { $0.schemaVersion += 1 }),
            ("content type", { $0.contentType = .binary }),
            ("metadata value", { $0.metadata["key"] = "other" }),
            ("metadata key", { $0.metadata["further"] = "" }),
            ("missing metadata", { $0.metadata = [:] }),
            ("tags", { $0.tags.append("other") }),
            ("order of tags", { $0.tags.reverse() }),
            ("payload", { $0.payload.append(0x20) }),
            ("length of the payload", { $0.payload = Data() }),
        ]
        return changes.map { name, change in
            Case("a stored id with another body is refused: \(name)") { session in
                let event = NewEvent(
                    aggregateID: Sample.company, rootID: Sample.company, aggregateType: "Thing",
                    type: "Happened", contentType: .json, metadata: ["key": "value"], tags: ["a", "b"],
                    payload: Data("{}".utf8))
                _ = try await session.store.append(Commit(events: [event]))
                var other = event
                change(&other)
                try await expectError(.eventIDReused, from: "Appending a stored id with another \(name)") {
                    try await session.store.append(Commit(events: [other]))
                }
                let page = try await session.store.readToEnd(EventQuery())
                try expectEqual(page.count, 1, "The events after it")
                try expect(page[0].hasSameBody(as: event), "The stored event: expected it unchanged.")
            }
        }
    }()

    private static func refusal(
        _ name: String, code: StoreError.Code, _ make: @escaping @Sendable ([NewEvent]) -> [NewEvent]
    ) -> Case {
        Case("a commit writes nothing when it holds \(name)") { session in
            var model = ReferenceModel()
            let stored = Sample.events(3)
            try await model.append(Commit(stored, to: Sample.company), comparing: session.store)
            for expected in [ExpectedVersion.any, .exact(3)] {
                let commit = Commit(make(stored), to: Sample.company, expecting: expected)
                let outcome = try await model.append(commit, comparing: session.store)
                try expectEqual(outcome, .refused(code), "A commit that holds \(name)")
            }
            try await model.compare(with: session.store)
            try await model.append(
                Commit(Sample.events(1, to: Sample.account), to: Sample.account), comparing: session.store)
            try await model.compare(with: session.store)
        }
    }
}
