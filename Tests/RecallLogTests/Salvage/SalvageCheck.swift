// What must hold of every salvage, whatever was damaged: each event is in the new store as it was, or in the list of
// losses, and never both; and the old store is untouched.

import Recall
import RecallLog
import Testing

/// Judges a salvage by what the store held before it was damaged.
enum SalvageCheck {
    /// - Parameters:
    ///   - lost: the positions that must be lost, and no others.
    ///   - report: what the salvage said.
    static func check(
        _ store: SalvageStore, lost: Set<UInt64>, _ report: SalvageReport, _ comment: Comment
    ) throws {
        let end = store.commits.last?.positions.upperBound ?? 0
        try checkLosses(report, lost, end: end, comment)
        let verified = try Log.verify(at: store.destination, disk: store.disk)
        #expect(verified.findings.isEmpty, comment)
        let kept = store.commits.filter { commit in !commit.positions.contains { lost.contains($0) } }
        let copied = try StoredCommit.all(in: store.destination, store.disk)
        #expect(copied.map(\.time) == kept.map(\.time), comment)
        #expect(copied.map(\.events.count) == kept.map(\.events.count), comment)
        try checkEvents(copied.flatMap(\.events), kept.flatMap(\.events), report, comment)
        #expect(report.commitCount == kept.count, comment)
        #expect(report.eventCount == kept.reduce(0) { $0 + $1.events.count }, comment)
    }

    private static func checkLosses(
        _ report: SalvageReport, _ lost: Set<UInt64>, end: UInt64, _ comment: Comment
    ) throws {
        #expect(report.isComplete == lost.isEmpty, comment)
        var stated: Set<UInt64> = []
        for loss in report.losses {
            guard let first = loss.firstPosition?.rawValue else { continue }
            let last = loss.lastPosition?.rawValue ?? max(end, first)
            #expect(stated.isDisjoint(with: first ... last), comment)
            stated.formUnion(first ... last)
        }
        #expect(stated == lost, comment)
        // What is not lost is in exactly one range.
        var mapped: Set<UInt64> = []
        var next: UInt64 = 1
        for range in report.ranges {
            let source = range.source.lowerBound.rawValue ... range.source.upperBound.rawValue
            #expect(mapped.isDisjoint(with: source), comment)
            mapped.formUnion(source)
            #expect(range.firstDestination.rawValue == next, comment)
            next = range.lastDestination.rawValue + 1
        }
        if end > 0 { #expect(mapped == Set(1 ... end).subtracting(lost), comment) }
    }

    /// Events are the same but for positions and versions, which have no gaps and are what the report says.
    private static func checkEvents(
        _ copied: [RecordedEvent], _ kept: [RecordedEvent], _ report: SalvageReport, _ comment: Comment
    ) throws {
        var versions: [AggregateID: UInt64] = [:]
        var shifts: [AggregateID: UInt64] = [:]
        var expected: [RecordedEvent] = []
        for (index, event) in kept.enumerated() {
            var event = event
            let version = versions[event.aggregateID, default: 0] + 1
            versions[event.aggregateID] = version
            if event.version.rawValue > version {
                shifts[event.aggregateID] = event.version.rawValue - version
            }
            let range = report.ranges.first { $0.source.contains(event.position) }
            let place = range.map {
                $0.firstDestination.rawValue + event.position.rawValue - $0.source.lowerBound.rawValue
            }
            #expect(place == UInt64(index) + 1, comment)
            event.position = Position(UInt64(index) + 1)
            event.version = Version(version)
            expected.append(event)
        }
        #expect(copied == expected, comment)
        let stated = Dictionary(
            uniqueKeysWithValues: report.shiftedStreams.map { ($0.aggregateID, $0.lostCount) })
        #expect(stated == shifts, comment)
    }
}
