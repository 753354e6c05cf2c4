// What every store refuses before it looks at anything stored.

import Foundation
import Recall
import Testing

struct StoreLimitsTests {
    static let id = AggregateID()

    static func event(_ change: (inout NewEvent) -> Void = { _ in }) -> NewEvent {
        var event = NewEvent(aggregateID: id, type: "Happened", payload: Data("{}".utf8))
        change(&event)
        return event
    }

    static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: StoreError.Code?
        var event: NewEvent
        init(_ name: String, _ code: StoreError.Code?, _ change: (inout NewEvent) -> Void) {
            testDescription = name
            self.code = code
            event = StoreLimitsTests.event(change)
        }
    }

    static let cases = [
        Case("type of 255 bytes", nil) { $0.type = EventType(text(255)) },
        Case("type of 256 bytes", .limitExceeded) { $0.type = EventType(text(256)) },
        Case("type of 128 two-byte letters", .limitExceeded) {
            $0.type = EventType(String(repeating: "ü", count: 128))
        },
        Case("empty type", .invalidArgument) { $0.type = "" },
        Case("schema version 0", .invalidArgument) { $0.schemaVersion = 0 },
        Case("empty aggregate type", nil) { $0.aggregateType = "" },
        Case("aggregate type of 256 bytes", .limitExceeded) { $0.aggregateType = AggregateType(text(256)) },
        Case("empty content type", nil) { $0.contentType = "" },
        Case("content type of 256 bytes", .limitExceeded) { $0.contentType = ContentType(text(256)) },
        Case("empty payload", nil) { $0.payload = Data() },
        Case("payload of 16 MiB", nil) { $0.payload = Data(count: 16 << 20) },
        Case("payload of 16 MiB and one byte", .limitExceeded) { $0.payload = Data(count: 16 << 20 + 1) },
        Case("64 tags", nil) { $0.tags = Array(repeating: "t", count: 64) },
        Case("65 tags", .limitExceeded) { $0.tags = Array(repeating: "t", count: 65) },
        Case("tag of 255 bytes", nil) { $0.tags = [EventTag(text(255))] },
        Case("tag of 256 bytes", .limitExceeded) { $0.tags = [EventTag(text(256))] },
        Case("64 metadata values", nil) { for index in 0 ..< 64 { $0.metadata["\(index)"] = "" } },
        Case("65 metadata values", .limitExceeded) { for index in 0 ..< 65 { $0.metadata["\(index)"] = "" } },
        Case("metadata key of 255 bytes", nil) { $0.metadata[text(255)] = "" },
        Case("metadata key of 256 bytes", .limitExceeded) { $0.metadata[text(256)] = "" },
        Case("metadata value of 8192 bytes", nil) { $0.metadata["k"] = text(8192) },
        Case("metadata value of 8193 bytes", .limitExceeded) { $0.metadata["k"] = text(8193) },
    ]

    @Test(arguments: cases)
    func eventAtAndOverEachLimit(_ test: Case) {
        let commit = Commit(events: [Self.event(), test.event])
        do throws(StoreError) {
            try StoreLimits.standard.check(commit)
            #expect(test.code == nil)
        } catch {
            #expect(error.code == test.code)
            #expect(error.message.contains("event 1 of the commit"))
            #expect(error.message.contains("nothing was written: "))
        }
    }

    @Test func commitWithoutEventsIsRefused() {
        #expect { try StoreLimits.standard.check(Commit(events: [])) } throws: {
            ($0 as? StoreError)?.code == .invalidArgument
        }
    }

    @Test func commitOfTooManyEventsIsRefused() throws {
        let events = (0 ... 16_384).map { _ in Self.event() }
        try StoreLimits.standard.check(Commit(events: Array(events.dropLast())))
        #expect { try StoreLimits.standard.check(Commit(events: events)) } throws: {
            ($0 as? StoreError)?.code == .limitExceeded
        }
    }

    @Test func commitOfTooManyBytesIsRefused() throws {
        let large = (0 ..< 2).map { _ in Self.event { $0.payload = Data(count: 16 << 20) } }
        #expect { try StoreLimits.standard.check(Commit(events: large)) } throws: {
            ($0 as? StoreError)?.code == .limitExceeded
        }
    }

    /// Everything of an event counts: its names, its payload, its tags, and its metadata's keys and values.
    @Test func eachPartOfAnEventCountsAgainstTheBytesOfACommit() throws {
        let changes: [@Sendable (inout NewEvent) -> Void] = [
            { $0.type = "Happened!" }, { $0.aggregateType = "A" }, { $0.contentType = "application/json;" },
            { $0.payload.append(0) }, { $0.tags = ["t"] }, { $0.metadata["k"] = "" },
            { $0.metadata["k"] = "v" },
        ]
        let namesSize = 8 + "application/json".utf8.count
        let sizeMax = StoreLimits.standard.commitBytesMax
        for (index, change) in changes.enumerated() {
            // Room for one byte, or two for a key with its value.
            let room = index == 6 ? 2 : 1
            for (more, isTaken) in [(0, true), (1, false)] {
                var changed = Self.event {
                    // An entity of its own, since one has one type.
                    $0.aggregateID = AggregateID()
                    $0.payload = Data()
                }
                change(&changed)
                let rest = sizeMax - 3 * namesSize - room + more
                let others = [rest / 2, rest - rest / 2].map { size in
                    Self.event { $0.payload = Data(count: size) }
                }
                let code: StoreError.Code?
                do throws(StoreError) {
                    try StoreLimits.standard.check(Commit(events: others + [changed]))
                    code = nil
                } catch {
                    code = error.code
                }
                #expect(code == (isTaken ? nil : .limitExceeded), "change \(index)")
            }
        }
    }

    /// How many events of other entities are between two that contradict each other: a commit of a few
    /// events and one of many are looked at in different ways.
    static let distances = [0, 1, 13, 14, 15, 100, 1000]

    /// The error for two events with others around them.
    private func error(
        of first: NewEvent, _ second: NewEvent, distance: Int, before: Int = 0
    ) -> StoreError? {
        func others(_ count: Int) -> [NewEvent] {
            (0 ..< count).map { _ in Self.event { $0.aggregateID = AggregateID() } }
        }
        let events = others(before) + [first] + others(distance) + [second]
        do throws(StoreError) {
            try StoreLimits.standard.check(Commit(events: events))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: distances)
    func eventIDTwiceInOneCommitIsRefused(distance: Int) {
        let event = Self.event()
        let other = Self.event {
            $0.id = event.id
            $0.aggregateID = AggregateID()
            // Mistakes that come behind it.
            $0.rootID = AggregateID()
        }
        for second in [event, other] {
            let found = error(of: event, second, distance: distance, before: 1)
            #expect(found?.code == .duplicateEventID)
            #expect(found?.message.hasPrefix("Event id \(event.id) stands twice in one commit;") == true)
        }
    }

    @Test(arguments: distances)
    func entityWithTwoRootsInOneCommitIsRefused(distance: Int) {
        let roots = [AggregateID(), AggregateID()]
        let found = error(
            of: Self.event { $0.rootID = roots[0] },
            Self.event {
                $0.rootID = roots[1]
                $0.aggregateType = "Other"
            }, distance: distance)
        #expect(found?.code == .invalidArgument)
        #expect(
            found?.message
                == "Event \(distance + 1) of the commit gives entity \(Self.id) the root \(roots[1]), and an earlier one gives it \(roots[0]); nothing was written: an entity has one root."
        )
    }

    @Test(arguments: distances)
    func entityWithTwoTypesInOneCommitIsRefused(distance: Int) {
        let found = error(
            of: Self.event { $0.aggregateType = "Company" }, Self.event { $0.aggregateType = "Compano" },
            distance: distance)
        #expect(found?.code == .invalidArgument)
        #expect(
            found?.message
                == "Event \(distance + 1) of the commit gives entity \(Self.id) the aggregate type \"Compano\", and an earlier one gives it \"Company\"; nothing was written: an entity has one type."
        )
    }

    @Test(arguments: [
        ("", "", true), ("", "A", false), ("Firma", "Firma", true), ("Caf\u{e9}", "Cafe\u{301}", false),
        ("Caf\u{e9}", "Caf\u{e9}", true), (text(255), text(255), true),
        ("A long name of an entity", "A long name of an entitx", false),
        ("A long name of an entity", "B long name of an entity", false),
    ])
    func typesAreTheSameWhenTheirBytesAre(one: String, other: String, isSame: Bool) {
        // Not one string used twice, which would be known for the same by its address.
        let copy = String(decoding: Array(other.utf8), as: UTF8.self)
        for distance in Self.distances {
            let found = error(
                of: Self.event { $0.aggregateType = AggregateType(one) },
                Self.event { $0.aggregateType = AggregateType(copy) }, distance: distance)
            #expect((found == nil) == isSame)
        }
    }

    @Test(arguments: distances)
    func eventsOfOneEntityThatAgreeAreAccepted(distance: Int) {
        #expect(error(of: Self.event(), Self.event(), distance: distance) == nil)
    }

    /// Of a commit with several mistakes the first event that makes one is named.
    @Test(arguments: [2, 20]) func firstMistakeIsNamed(others: Int) {
        let ids = (0 ..< others).map { _ in AggregateID() }
        let twice = Self.event()
        let events =
            ids.map { id in Self.event { $0.aggregateID = id } } + [twice]
            + ids.map { id in
                Self.event {
                    $0.aggregateID = id
                    $0.rootID = id
                    $0.aggregateType = "Other"
                }
            } + [twice]
        let beginning = "Event \(others + 1) of the commit gives entity \(ids[0]) the root \(ids[0])"
        #expect {
            try StoreLimits.standard.check(Commit(events: events))
        } throws: {
            ($0 as? StoreError)?.message.hasPrefix(beginning) == true
        }
    }
}
