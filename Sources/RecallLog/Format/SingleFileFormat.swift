// Every number of the single-file layout. What they mean: docs/format-single-file.md.

/// The constants of a store that is one file.
package enum SingleFileFormat {
    /// "RECALL1F"
    package static let superblockMagic: UInt64 = 0x4631_4C4C_4143_4552
    /// "RECALLTC"
    package static let tableMagic: UInt64 = 0x4354_4C4C_4143_4552
    /// What a superblock states in the place where a header names its kind.
    package static let superblockKind: UInt16 = 2

    /// A superblock stands in one of two places, by whether its generation is even.
    package static let superblockOffsets = [0, 8192]
    /// Between them, since nothing in it is needed after a crash.
    package static let watermarkOffset = 4096
    /// What lies before the first extent, in bytes.
    package static let headSize = 16384
    /// Extents begin at, and are, multiples of this, which is a multiple of every page size.
    package static let unitSize = 16384

    /// The table of contents stands so many times in its extent.
    package static let tableCopyCount = 2
    package static let tableBytesMax = 64 << 20
    package static let nameBytesMax = 255
    /// The last there can be, so that counting never overflows.
    package static let generationMax = UInt64(Int64.max)
    /// A size of the whole file in bytes with which no sum of places overflows.
    package static let fileSizeMax = Int.max / 2

    /// A size in bytes as one of whole units.
    package static func roundedUp(_ size: Int) -> Int { (size + unitSize - 1) / unitSize * unitSize }
}
