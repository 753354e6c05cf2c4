// A page looks at so many events and no more, whatever it finds: else a query for a type that is rare would read the whole store in one
// call, and nobody could end it.

import Foundation
import Recall
import RecallTestKit
import Testing

@testable import RecallLog

@Suite struct PageBoundTests {
    /// A small commit, four that are together as much as a page looks at, and another small one, whose first event is rare.
    private static func store() throws -> (log: Log, eventCount: Int) {
        let bench = try Bench(.simulated, segmentBytesMax: 64 << 20, durability: .system)
        let log = try bench.open {
            $0.firstSegmentBytes = 32 << 20
            $0.isCompressing = false
        }
        var eventCount = 0
        let large = LogReader.pageExaminedCountMax / 4
        for (number, count) in [smallCount, large, large, large, large, smallCount].enumerated() {
            let events = (0 ..< count).map { index in
                NewEvent(
                    id: EventID(number: UInt64(eventCount + index + 1)), aggregateID: Story.aggregate(1),
                    type: number == 5 && index == 0 ? "Rare" : "Usual", payload: Data())
            }
            _ = try log.appendBlocking(Commit(events: events))
            eventCount += count
        }
        return (log, eventCount)
    }

    private static let smallCount = 10

    @Test(arguments: [EventQuery.Direction.forwards, .backwards])
    func aPageThatFindsNothingEndsAndSaysWhereToGoOn(direction: EventQuery.Direction) throws {
        let (log, eventCount) = try Self.store()
        defer { try? log.closeBlocking() }
        let page = try log.readBlocking(EventQuery(direction: direction, eventTypes: ["None"]))
        #expect(page.events.isEmpty)
        let rest = try #require(page.next)
        // It looks at whole commits, and begins none when it has looked at enough.
        switch direction {
        case .forwards:
            #expect(rest.positions.lowerBound.rawValue == UInt64(eventCount - Self.smallCount + 1))
        case .backwards: #expect(rest.positions.upperBound.rawValue == UInt64(Self.smallCount))
        }
        #expect(try log.readBlocking(rest).next == nil)
    }

    @Test func whatLiesBehindTheBoundIsFoundByTheNextPage() throws {
        let (log, eventCount) = try Self.store()
        defer { try? log.closeBlocking() }
        var positions: [Position] = []
        var pageCount = 0
        var next: EventQuery? = EventQuery(eventTypes: ["Rare"], limit: 1)
        while let query = next {
            let page = try log.readBlocking(query)
            positions += page.events.map(\.position)
            pageCount += 1
            next = page.next
        }
        #expect(positions == [Position(UInt64(eventCount - Self.smallCount + 1))])
        #expect(pageCount == 2)
    }
}
