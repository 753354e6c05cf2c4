// The segments of a store in either layout, looked into below the log while nobody has the store open.

import Recall
import RecallLog
import Testing

/// Segments of the store at a path.
struct FixtureSegments {
    let headers: [SegmentHeader]
    private let layout: DirectoryLayout
    private let storeID: RawIdentifier

    init(_ path: String) throws {
        layout = DirectoryLayout(
            path: path, disk: InsideDisk.files(ofStoreAt: path, on: POSIXDisk()), isReadOnly: true)
        let header = try layout.readStoreHeader()
        storeID = try #require(header).storeID
        headers = try layout.segmentNumbers().map { [layout, storeID] number in
            try layout.openSegment(number, storeID: storeID).header
        }
    }

    /// The commits of a segment up to where its chain stops, or its last frame.
    func commits(of number: UInt64) throws -> [ChainLink] {
        let file = try layout.openSegment(number, storeID: storeID)
        var links: [ChainLink] = []
        _ = try SegmentWalk(file, from: IndexCoverage(startOf: file.header)) { link, _ in links.append(link) }
        return links.filter { $0.commit != nil }
    }

    /// Puts bytes at an offset of a segment.
    func overwrite(_ offset: Int, in number: UInt64, with bytes: [UInt8]) throws {
        let digits = String(number)
        let name = String(repeating: "0", count: 10 - digits.count) + digits + ".segment"
        let file = try layout.disk.open("\(layout.segmentsPath)/\(name)", .readWrite)
        try file.write(bytes.span.bytes, at: offset)
        try file.sync()
    }
}
