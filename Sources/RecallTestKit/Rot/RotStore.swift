// The small stores whose every byte rots, and what is known of each: three segments with few bytes in use, dictionaries,
// indexes and snapshots. The same in every run.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall
internal import RecallLog
internal import Synchronization

/// How the last session of a store ended.
package enum RotStoreKind: String, CaseIterable, Sendable {
    /// Closed, and the tail has an index.
    case closed
    /// Closed, and too short for an index of its tail.
    case closedWithoutTailIndex
    /// The process died, and a torn commit stands behind the last ones, which nothing vouches for.
    case crashed
}

/// A frame of a rot store.
struct RotFrame: Sendable {
    var kind: FrameKind
    var range: Range<Int>
    /// Of a commit's events; of others the position that is next, and nothing in it.
    var positions: Range<UInt64>
    /// Whether a later frame, or a later segment, tells that it was durable.
    var isProved: Bool
}

/// A segment of a rot store.
struct RotSegment: Sendable {
    var number: UInt64
    var path: String
    var header: SegmentHeader
    var frames: [RotFrame]
    var isLast: Bool

    /// Behind the last frame.
    var endOffset: Int { frames.last?.range.upperBound ?? header.framesOffset }
}

/// A store in memory, and what it holds.
struct RotStore: Sendable {
    static let path = "/store"

    let kind: RotStoreKind
    private(set) var disk: RotDisk
    private(set) var segments: [RotSegment] = []
    private(set) var events: [RecordedEvent] = []
    /// What was appended, commit by commit.
    let commits: [[NewEvent]]
    /// Every snapshot that was ever saved.
    let snapshots: [Snapshot]
    let storeID: RawIdentifier

    static var configuration: LogConfiguration {
        var configuration = LogConfiguration()
        // Of the later ones each has room for a dictionary beside the largest commit.
        configuration.firstSegmentBytes = Format.segmentBytesMin
        configuration.segmentBytesMax = 70 << 10
        configuration.readerThreadCount = 1
        configuration.replayThreadCount = 1
        configuration.writeAheadBytes = 0
        configuration.hasOwnThreads = false
        return configuration
    }

    /// - Throws: what the log reports, or that the store is not as it should be.
    init(_ kind: RotStoreKind) throws {
        self.kind = kind
        let disk = RotDisk()
        self.disk = disk
        var configuration = Self.configuration
        configuration.checkpointFrameCountMin = kind == .closed ? 1 : 10_000
        let time = RotClock()
        configuration.clock = time.clock
        configuration.randomBits = { time.bits() }
        var commits: [[NewEvent]] = []
        var snapshots: [Snapshot] = []
        // A commit of 54,400 bytes before compression begins a segment, because all of that is kept free for it.
        for (session, count) in [(0, 30), (1, 8)] {
            if session == 1, kind == .crashed { configuration.durability = .system }
            let log = try Log.openBlocking(at: Self.path, configuration: configuration, disk: disk)
            for number in session * 100 + 1 ... session * 100 + count {
                commits.append(RotEvents.commit(number))
                _ = try log.appendBlocking(Commit(events: RotEvents.commit(number)))
            }
            log.finishHousekeeping()
            if kind == .crashed, session == 1 {
                _ = try log.appendBlocking(Commit(events: RotEvents.commit(999)))
                try Self.tear(disk)
                break
            }
            try log.closeBlocking()
        }
        let layout = DirectoryLayout(path: Self.path, disk: disk, isReadOnly: true)
        guard let header = try layout.readStoreHeader() else {
            throw ConformanceFailure("the store has no header")
        }
        storeID = header.storeID
        let files = SnapshotFiles(
            disk: disk, directory: layout.snapshotsPath, storeID: header.storeID, clock: time.clock)
        for number in 1 ... 5 {
            let snapshot = RotEvents.snapshot(number)
            snapshots.append(snapshot)
            try files.save(snapshot)
        }
        try files.remove(RotEvents.aggregate(2))
        files.close()
        self.commits = commits
        self.snapshots = snapshots
        // Whoever holds the lock is dead.
        let found = disk.copy()
        try read(found, layout.segmentNumbers())
        self.disk = found
    }

    /// The same store as another disk holds it.
    init(_ other: RotStore, with disk: RotDisk) {
        kind = other.kind
        self.disk = disk
        segments = other.segments
        events = other.events
        commits = other.commits
        snapshots = other.snapshots
        storeID = other.storeID
    }

    /// The same store with files of its own.
    func copy() -> RotStore { RotStore(self, with: disk.copy()) }

    /// Takes the second half of the last frame away.
    private static func tear(_ disk: RotDisk) throws {
        let layout = DirectoryLayout(path: path, disk: disk, isReadOnly: true)
        guard let header = try layout.readStoreHeader(), let number = try layout.segmentNumbers().last else {
            throw ConformanceFailure("the store has no segment")
        }
        let file = try layout.openSegment(number, storeID: header.storeID)
        var last = 0 ..< 0
        _ = try SegmentWalk(file, from: IndexCoverage(startOf: file.header)) { link, _ in
            last = link.frame.offset ..< link.frame.endOffset
        }
        let middle = (last.lowerBound + last.upperBound) / 2
        let zeros = ContiguousArray<UInt8>(repeating: 0, count: last.upperBound - middle)
        let path = disk.paths(below: layout.segmentsPath).last ?? ""
        try disk.open(path, .readWrite).write(zeros.span.bytes, at: middle)
    }

    /// Finds out what the store holds while it is whole.
    private mutating func read(_ disk: RotDisk, _ numbers: [UInt64]) throws {
        let layout = DirectoryLayout(path: Self.path, disk: disk, isReadOnly: true)
        let paths = disk.paths(below: layout.segmentsPath)
        for (index, number) in numbers.enumerated() {
            let file = try layout.openSegment(number, storeID: storeID)
            let isLast = index == numbers.count - 1
            var links: [ChainLink] = []
            _ = try SegmentWalk(file, from: IndexCoverage(startOf: file.header)) { link, _ in
                links.append(link)
            }
            segments.append(
                RotSegment(
                    number: number, path: paths[index], header: file.header,
                    frames: Self.frames(links, file.header, isLast: isLast), isLast: isLast))
        }
        let log = try Log.openBlocking(
            at: Self.path, access: .readOnly, configuration: Self.configuration, disk: disk)
        var next: EventQuery? = EventQuery()
        while let query = next {
            let page = try log.readBlocking(query)
            events += page.events
            next = page.next
        }
        try log.closeBlocking()
        let count = commits.reduce(0) { $0 + $1.count }
        guard segments.count == 3, segments[1].header.dictionarySize > 0, events.count == count else {
            throw ConformanceFailure(
                "a rot store has \(segments.count) segments and \(events.count) of \(count) events")
        }
    }

    /// By the rule of docs/format.md, "Proof", which holds of the frames in front of the proof.
    private static func frames(_ links: [ChainLink], _ header: SegmentHeader, isLast: Bool) -> [RotFrame] {
        var epoch = header.epoch
        return links.enumerated().map { index, link in
            let next = link.frame.nextPosition
            let isProved =
                !isLast
                || links.dropFirst(index + 1).contains {
                    $0.frame.durablePosition >= next || ($0.frame.kind != .opening && $0.frame.epoch > epoch)
                }
            epoch = link.frame.epoch
            let end = link.commit.map { $0.lastPosition + 1 } ?? next
            return RotFrame(
                kind: link.frame.kind, range: link.frame.offset ..< link.frame.endOffset,
                positions: next ..< end, isProved: isProved)
        }
    }
}

/// Time and randomness that are the same in each run.
final class RotClock: Sendable {
    private let time = Atomic<Int64>(1_700_000_000_000_000)
    private let random = Atomic<UInt64>(1)

    var clock: WallClock {
        WallClock { [self] in
            Timestamp(
                microsecondsSince1970: time.add(1_000_003, ordering: .relaxed).newValue)
        }
    }

    func bits() -> UInt64 {
        // Philox and the like are not needed: bits that differ from each other.
        let number = random.add(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15
        return (number ^ number >> 29) &* 0xBF58_476D_1CE4_E5B9
    }
}
