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
        Case("tag of 255 bytes", nil) { $0.tags = [text(255)] },
        Case("tag of 256 bytes", .limitExceeded) { $0.tags = [text(256)] },
        Case("64 metadata values", nil) { for index in 0 ..< 64 { $0.metadata["\(index)"] = "" } },
        Case("65 metadata values", .limitExceeded) { for index in 0 ..< 65 { $0.metadata["\(index)"] = "" } },
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

    @Test func eventIDTwiceInOneCommitIsRefused() {
        let event = Self.event()
        #expect { try StoreLimits.standard.check(Commit(events: [event, Self.event(), event])) } throws: {
            ($0 as? StoreError)?.code == .duplicateEventID
        }
    }

    @Test func entityWithTwoRootsInOneCommitIsRefused() {
        let events = [Self.event { $0.rootID = AggregateID() }, Self.event { $0.rootID = AggregateID() }]
        #expect { try StoreLimits.standard.check(Commit(events: events)) } throws: {
            ($0 as? StoreError)?.code == .invalidArgument
        }
    }
}
