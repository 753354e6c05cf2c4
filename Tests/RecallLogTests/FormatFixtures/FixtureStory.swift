// A store of a fixture in the making, in a temporary place.

import Foundation
import Recall
import RecallLog
import Synchronization
import Testing

/// Sessions of one store, the same in each run and in each layout.
final class FixtureStory: Sendable {
    let path: String
    private let folder: URL
    private let time = Atomic<Int64>(1_700_000_000_000_000)
    private let random = Atomic<UInt64>(1)

    init(_ layout: FixtureLayout) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "recall-fixture-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: layout.rawValue).path
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func open(
        _ access: LogAccess = .createOrOpen, _ change: (inout LogConfiguration) -> Void = { _ in }
    ) throws -> Log {
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = Format.segmentBytesMin
        configuration.firstSegmentBytes = Format.segmentBytesMin
        configuration.readerThreadCount = 1
        configuration.replayThreadCount = 1
        configuration.hasOwnThreads = false
        configuration.clock = WallClock { [self] in
            Timestamp(microsecondsSince1970: time.add(1_000_003, ordering: .relaxed).newValue)
        }
        configuration.randomBits = { [self] in
            let number = random.add(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15
            return (number ^ number >> 29) &* 0xBF58_476D_1CE4_E5B9
        }
        change(&configuration)
        return try Log.openBlocking(at: path, access: access, configuration: configuration)
    }

    /// Appends commits in a session that is closed.
    func session(
        _ numbers: ClosedRange<Int>, hasManySegments: Bool = false,
        _ change: (inout LogConfiguration) -> Void = { _ in }, then end: (Log) throws -> Void = { _ in }
    ) throws {
        let log = try open { configuration in
            if hasManySegments { configuration.segmentBytesMax = FixtureEvents.segmentBytes }
            change(&configuration)
        }
        for number in numbers {
            _ = try log.appendBlocking(
                FixtureEvents.commit(number, hasManySegments ? FixtureEvents.size(of: number) : .usual))
            log.finishHousekeeping()
        }
        try end(log)
        try log.closeBlocking()
    }

    /// What the closed store holds.
    func manifest() throws -> FixtureManifest {
        let log = try open(.readOnly)
        let roots = (0 ..< FixtureEvents.rootCount).map(FixtureEvents.root)
        let snapshots = try roots.map { try log.snapshotFiles.latest(of: $0) }
        let hasSnapshots = snapshots.contains { $0 != nil }
        let missing = zip(roots, snapshots).filter { $0.1 == nil }.map { "\($0.0)" }
        return FixtureManifest(
            formatVersion: 1, ending: "\(RecoveryCase.end)",
            segmentCount: try FixtureSegments(path).headers.count, damage: [],
            removedSnapshots: hasSnapshots ? missing : [],
            snapshots: snapshots.compactMap { $0 }.map(FixtureManifest.Snapshot.init),
            events: try log.allEvents().map(FixtureManifest.Event.init), files: [:])
    }
}
