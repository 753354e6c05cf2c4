// Snapshot files on a disk under test, opened, closed and opened again.

import Foundation
import Recall
import RecallLog
import RecallTestKit

/// A directory of snapshot files.
struct SnapshotRoom: Sendable {
    static let storeID = RawIdentifier(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)

    let disk: any Disk
    let directory: String
    /// Keeps the files of the real disk until the test ends.
    private let room: DiskRoom?

    init(_ kind: DiskUnderTest) throws {
        let room = try kind.make()
        self.init(room.disk, directory: room.path("snapshots"), room: room)
    }

    init(_ disk: any Disk, directory: String, room: DiskRoom? = nil) {
        self.disk = disk
        self.directory = directory
        self.room = room
    }

    func open(
        storeID: RawIdentifier = SnapshotRoom.storeID, isReadOnly: Bool = false,
        settings: SnapshotSettings = SnapshotSettings(),
        makeDurable: @escaping SnapshotFiles.MakeDurable = { _ in }
    ) -> SnapshotFiles {
        SnapshotFiles(
            disk: disk, directory: directory, storeID: storeID,
            clock: .fixed(at: Timestamp(microsecondsSince1970: 1_700_000_000_000_000)),
            isReadOnly: isReadOnly, settings: settings, makeDurable: makeDurable)
    }

    func path(_ number: Int) -> String {
        "\(directory)/" + String("00000000\(number)".suffix(8)) + ".snapshots"
    }

    func names() throws -> [String] { try disk.list(directory) }

    func bytes(ofFile number: Int) throws -> [UInt8] { try disk.open(path(number), .readOnly).contents() }
}

extension AggregateID {
    /// An id that ends in a number.
    init(numbered number: UInt8) {
        self.init(UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, number)))
    }
}

extension Snapshot {
    /// A snapshot whose every field follows from the number and the position.
    static func sample(_ number: UInt8, at position: UInt64, payloadSize: Int = 40) -> Snapshot {
        var generator = SeededGenerator(seed: position &* 251 &+ UInt64(number))
        return Snapshot(
            aggregateID: AggregateID(numbered: number), aggregateType: AggregateType("Company\(number)"),
            version: Version(position / 2), position: Position(position),
            schemaFingerprint: generator.next(),
            time: Timestamp(microsecondsSince1970: Int64(truncatingIfNeeded: position) &* 1_000_003),
            payload: Data((0 ..< payloadSize).map { _ in UInt8.random(in: 0 ... 255, using: &generator) }))
    }
}
