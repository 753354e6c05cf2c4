// The probe of snapshot files: what is damaged is passed over, and what a compaction copies is what was
// there before.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
internal import Recall
internal import RecallLog
internal import RecallTestKit

extension ReaderProbe {
    /// Reads bytes as the first snapshot file of a store.
    ///
    /// Checked: any bytes can be opened; a snapshot that is shown belongs to the aggregate that was asked
    /// for; saving another one, compacting and opening again leave the others as they were.
    /// - Parameter input: the mode, then the bytes of the file.
    /// - Returns: how many snapshots were shown.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func snapshots(_ input: Data) throws -> Int {
        guard let first = input.first else { return 0 }
        var writer = ByteWriter(capacity: input.count)
        input.dropFirst().withUnsafeBytes { writer.bytes($0) }
        if Control(byte: first).mode != .raw { sealSnapshots(&writer) }
        let ids = aggregates(ofSnapshots: writer)
        let fileSize = writer.count
        let disk = SimulatedDisk()
        try disk.createDirectory("/snapshots")
        let file = try disk.open("/snapshots/00000001.snapshots", .createNew)
        try writer.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: 0) }

        let reading = snapshotFiles(disk, isReadOnly: true)
        let statistics = try reading.statistics()
        try require(
            statistics.liveBytes <= statistics.totalBytes && statistics.totalBytes <= fileSize
                && statistics.count <= ids.count,
            "\(statistics) cannot be what \(fileSize) bytes hold")
        let found = try latest(of: ids, in: reading)

        let writing = snapshotFiles(disk, isReadOnly: false)
        let same = try latest(of: ids, in: writing)
        try require(same == found, "opened for writing, the files show other snapshots")
        var expected = found
        let saved = Snapshot(
            aggregateID: AggregateID(storeID.uuid), aggregateType: "Probe", version: 3, position: 3,
            schemaFingerprint: 1, time: Timestamp(microsecondsSince1970: 5), payload: Data([1, 2, 3]))
        let isNewest = expected[saved.aggregateID].map { $0.position <= saved.position } ?? true
        if isNewest { expected[saved.aggregateID] = saved }
        try writing.save(saved)
        let all = ids.union([saved.aggregateID])
        let beside = try latest(of: all, in: writing)
        try require(beside == expected, "saving one snapshot changed others")
        let reopened = try latest(of: all, in: snapshotFiles(disk, isReadOnly: false))
        try require(reopened == expected, "what was saved is not found when the files are opened again")
        try writing.compact()
        let compacted = try latest(of: all, in: writing)
        try require(compacted == expected, "a compaction changed snapshots")
        let afterwards = try latest(of: all, in: snapshotFiles(disk, isReadOnly: true))
        try require(afterwards == expected, "a compacted file shows other snapshots when it is opened")
        return found.count
    }

    private static func snapshotFiles(_ disk: SimulatedDisk, isReadOnly: Bool) -> SnapshotFiles {
        SnapshotFiles(
            disk: disk, directory: "/snapshots", storeID: storeID,
            clock: .fixed(at: Timestamp(microsecondsSince1970: 0)), isReadOnly: isReadOnly)
    }

    private static func latest(
        of ids: Set<AggregateID>, in files: SnapshotFiles
    ) throws -> [AggregateID: Snapshot] {
        var result: [AggregateID: Snapshot] = [:]
        for id in ids {
            guard let snapshot = try files.latest(of: id) else { continue }
            try require(snapshot.aggregateID == id, "a snapshot of another aggregate is shown")
            result[id] = snapshot
        }
        return result
    }

    // MARK: The bytes. Layout: docs/format-snapshots.md

    /// The places that records would have, were every size right.
    private static func records(_ writer: borrowing ByteWriter) -> [Range<Int>] {
        writer.withBytes { bytes in
            var result: [Range<Int>] = []
            var offset = Format.headerSize
            while offset + 25 <= bytes.byteCount {
                let size = Int(
                    UInt32(
                        littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)))
                guard size >= 25, size <= bytes.byteCount - offset else { break }
                result.append(offset ..< offset + size)
                offset += size
            }
            return result
        }
    }

    private static func aggregates(ofSnapshots writer: borrowing ByteWriter) -> Set<AggregateID> {
        let places = records(writer)
        return writer.withBytes { bytes in
            Set(places.map { AggregateID(RawIdentifier(bytes, at: $0.lowerBound + 9).uuid) })
        }
    }

    /// Ties a snapshot file to the store of the probe and makes its checksums hold.
    private static func sealSnapshots(_ writer: inout ByteWriter) {
        guard writer.count >= Format.headerSize else { return }
        var identity = ByteWriter()
        // "RECALLSN", the first byte lowest.
        HeaderSector.begin(&identity, magic: 0x4E53_4C4C_4143_4552)
        identity.identifier(storeID)
        identity.integer(UInt32(1))
        writer.replace(with: identity, at: 0)
        let seed = writer.sealHeader()
        for place in records(writer) {
            let checksum = writer.withBytes {
                Checksum.crc32c($0.extracting(place.lowerBound + 4 ..< place.upperBound), after: seed)
            }
            writer.replace(checksum, at: place.lowerBound)
        }
    }
}
