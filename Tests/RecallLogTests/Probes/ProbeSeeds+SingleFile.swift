// Where fuzzing of single-file stores begins.

import Foundation
import RecallLog

extension ProbeSeeds {
    /// A control byte, and edits: kind, number, offset u16, value u16. Or a table.
    static func singleFiles() throws -> [String: Data] {
        func edit(_ kind: Int, _ number: Int = 0, _ offset: Int = 0, _ value: Int = 0) -> [UInt8] {
            [
                UInt8(kind), UInt8(number), UInt8(offset & 0xFF), UInt8(offset >> 8), UInt8(value & 0xFF),
                UInt8(value >> 8),
            ]
        }
        // The entries of the probe's store, by name: indexes, two of them, segments, two of
        // them, snapshots, store, stranger.
        var table = ByteWriter()
        table.varint(2)
        table.string("segments")
        table.byte(2)
        table.string("store")
        table.byte(1)
        for number in [1, 1, 1024] { table.varint(number) }
        let listed = table.withBytes { $0.withUnsafeBytes { Array($0) } }
        return [
            "whole": Data([0]), "whole-mended": Data([3]),
            "first-superblock-flipped": Data([8] + edit(10, 3, 40)),
            "second-superblock-flipped": Data([16] + edit(10, 3, 40)),
            "both-superblocks-flipped-damaged": Data([0] + edit(10, 3, 40)),
            "second-superblock-ahead": Data([3 | 24]),
            "second-superblock-ahead-alone-damaged": Data([1 | 24]),
            "last-generation": Data([3] + edit(12, 0, 4)),
            "generation-beyond-damaged": Data([3] + edit(12, 0, 3)),
            "table-behind-the-end-damaged": Data([3] + edit(12, 1, 4)),
            "first-table-flipped": Data([32] + edit(8, 1, 20)),
            "both-tables-flipped-damaged": Data([0] + edit(8, 1, 20)),
            "segments-are-a-file-damaged": Data([3] + edit(4, 3, 0, 1)),
            "file-in-a-file-damaged": Data([3] + edit(0, 8, 0, 5)),
            "file-over-the-table-damaged": Data([3] + edit(7, 8, 1)),
            "file-over-another-damaged": Data([3] + edit(7, 8, 0, 3)),
            "stranger-far-behind-the-end": Data([3] + edit(1, 8, 2, 20_000)),
            "stranger-empty": Data([3] + edit(2, 8) + edit(3, 8)),
            "stranger-unnormalized-damaged": Data([3] + edit(0, 8, 0, 18) + edit(5, 8, 1)),
            "index-left-out": Data([3] + edit(5, 1)),
            "many-entries-damaged": Data([3] + edit(6, 0, 6)),
            "longer": Data([0] + edit(14, 7, 0, 100)), "shorter-damaged": Data([0] + edit(13, 0, 0, 900)),
            "flipped-in-an-extent": Data([0] + edit(15, 1, 300, 9)),
            "table-alone-damaged": Data([4] + listed),
        ]
    }
}
