// Commits without a log around them, as an index sees them, and a plain model of what must be found.

import RecallLog
import RecallTestKit

/// Segments, what is committed to them, and what indexes must answer of it.
struct IndexModel {
    struct Commit {
        var segment: Int
        var offset: Int
        var position: UInt64
        var aggregates: [RawIdentifier]
        var events: [RawIdentifier]
    }

    var headers: [SegmentHeader] = []
    var commits: [Commit] = []
    var versions: [RawIdentifier: UInt64] = [:]

    static func header(_ number: Int, firstPosition: UInt64) -> SegmentHeader {
        SegmentHeader(
            storeID: RawIdentifier(high: 7, low: 9), number: UInt64(number), salt: UInt32(number * 31),
            epoch: 1, firstPosition: firstPosition, baseTime: 0, capacity: Format.segmentBytesMax)
    }

    /// Ids that are made in the order of time, as a UUID of version 7 is.
    static func timed(_ number: Int) -> RawIdentifier {
        RawIdentifier(
            high: UInt64(1_700_000_000_000 + number) << 16 | 0x7000, low: 1 << 63 | UInt64(number))
    }

    static func random(_ random: inout SeededGenerator) -> RawIdentifier {
        RawIdentifier(high: random.next(), low: random.next())
    }

    /// - Parameter aggregateID: of a number below `aggregateCount`.
    init(
        segmentCount: Int, commitCount: Int, aggregateCount: Int, seed: UInt64 = 1,
        aggregateID: (Int, inout SeededGenerator) -> RawIdentifier = { _, random in Self.random(&random) }
    ) {
        var random = SeededGenerator(seed: seed)
        let pool = (0 ..< aggregateCount).map { aggregateID($0, &random) }
        var position: UInt64 = 1
        for segment in 0 ..< segmentCount {
            headers.append(Self.header(segment + 1, firstPosition: position))
            var offset = Format.headerCopiesSize
            for _ in 0 ..< commitCount {
                let first = Int.random(in: 0 ..< aggregateCount, using: &random)
                let count = aggregateCount > 1 && random.next() % 4 == 0 ? 2 : 1
                let events = (0 ..< count).map { Self.timed(Int(position) + $0) }
                commits.append(
                    Commit(
                        segment: segment, offset: offset, position: position,
                        aggregates: (0 ..< count).map { pool[(first + $0) % aggregateCount] }, events: events)
                )
                position += UInt64(count)
                offset += 60 + Int(random.next() % 400)
            }
        }
    }

    /// The index of a segment's commits from one to another.
    func active(_ segment: Int, from first: Int = 0, through last: Int = .max, behind: IndexCoverage? = nil)
        -> ActiveIndex
    {
        var versions: [RawIdentifier: UInt64] = [:]
        var index = ActiveIndex(
            behind.map { IndexCoverage(behind: $0) } ?? IndexCoverage(startOf: headers[segment]))
        var number = 0
        for commit in commits {
            defer { if commit.segment == segment { number += 1 } }
            for id in commit.aggregates {
                versions[id, default: 0] += 1
            }
            guard commit.segment == segment, number >= first, number <= last else { continue }
            index.beginCommit(offset: commit.offset, firstPosition: commit.position)
            for (place, id) in commit.aggregates.enumerated() {
                index.addStream(
                    StreamEntry(
                        id: id, root: 0, previousVersion: (versions[id] ?? 1) - 1, eventCount: 1,
                        lastIndex: place),
                    offset: commit.offset, firstPosition: commit.position)
            }
            for id in commit.events { index.addEventID(id, offset: commit.offset) }
            index.coverage.endOffset = commit.offset + 60
            index.coverage.nextPosition = commit.position + UInt64(commit.events.count)
            index.coverage.frameCount += 1
            index.coverage.durablePosition = commit.position - 1
        }
        return index
    }

    /// An index file in memory.
    static func file(
        _ inputs: [IndexInput], of headers: some BidirectionalCollection<SegmentHeader>
    ) throws -> (disk: SimulatedDisk, map: any DiskMap, file: IndexFile) {
        let disk = SimulatedDisk()
        let file = try disk.open("/index", .createNew)
        try IndexBuilder(inputs, of: headers).write(to: file)
        let map = try file.map(count: try file.size(), isWritable: false)
        return (disk, map, try IndexFile(map, of: headers))
    }

    func references(to id: RawIdentifier, in segments: ClosedRange<Int>) -> [IndexReference] {
        commits.filter { segments.contains($0.segment) && $0.aggregates.contains(id) }.map {
            IndexReference(ordinal: UInt32($0.segment - segments.lowerBound), offset: UInt32($0.offset))
        }
    }

    func last(_ id: RawIdentifier, in segments: ClosedRange<Int>) -> AggregateEntry? {
        var entry: AggregateEntry?
        var version: UInt64 = 0
        for commit in commits where commit.segment <= segments.upperBound {
            for (place, other) in commit.aggregates.enumerated() where other == id {
                version += 1
                guard segments.contains(commit.segment) else { continue }
                entry = AggregateEntry(
                    id: id, version: version, graphPosition: commit.position + UInt64(place))
            }
        }
        return entry
    }

    var aggregates: Set<RawIdentifier> { Set(commits.flatMap(\.aggregates)) }
}
