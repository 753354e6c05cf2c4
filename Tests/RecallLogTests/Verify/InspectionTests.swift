// What inspecting says of each segment and of the whole.

import Recall
import RecallLog
import Testing

@Suite struct InspectionTests {
    @Test(arguments: Bench.Kind.allCases)
    func eachSegmentHasItsOwnFigures(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let log = try bench.open { $0.clock = SteppingClock().clock }
        for number in 1 ... 150 {
            let events = (0 ..< 1 + number % 2).map {
                Story.event(number * 10 + $0, of: number % 3, noise: 900)
            }
            _ = try log.appendBlocking(Commit(events: events))
        }
        let events = try log.allEvents()
        let inspection = try log.inspect()
        let segments = inspection.segments
        try #require(segments.count > 2)
        #expect(segments.map(\.number) == (1 ... UInt64(segments.count)).map { $0 })
        #expect(segments.map(\.isSealed) == segments.map { $0.number < segments.count })
        for (segment, next) in zip(segments, segments.dropFirst()) {
            #expect(
                next.firstPosition.rawValue == segment.firstPosition.rawValue + UInt64(segment.eventCount))
            #expect(segment.commitCount < segment.eventCount)
        }
        #expect(segments.reduce(0) { $0 + $1.eventCount } == 225 && inspection.eventCount == 225)
        #expect(segments.reduce(0) { $0 + $1.commitCount } == 150 && inspection.commitCount == 150)
        #expect(segments.allSatisfy { $0.usedBytes <= $0.capacityBytes && $0.usedBytes > 0 })
        #expect(inspection.aggregateCount == 3 && inspection.eventTypes == ["Told": 225])
        #expect(inspection.firstTime == events.first?.time && inspection.lastTime == events.last?.time)
        #expect(inspection.firstTime != inspection.lastTime)
        try log.closeBlocking()
    }
}
