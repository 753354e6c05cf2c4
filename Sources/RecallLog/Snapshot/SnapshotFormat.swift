// Every number of the snapshot files, in one place. What they mean: docs/format-snapshots.md.

/// The constants of snapshot files on disk.
enum SnapshotFormat {
    /// "RECALLSN", the first byte lowest.
    static let magic: UInt64 = 0x4E53_4C4C_4143_4552
    static let fileSuffix = ".snapshots"
    /// What the name of a compacted file ends in until it is whole.
    static let unfinishedSuffix = ".new"
    static let fileNumberDigitCount = 8
    static let fileNumberMax: UInt32 = 99_999_999

    /// Checksum, size, flags and aggregate id.
    static let recordSizeMin = 4 + 4 + 1 + 16
    /// What a record takes beside its payload and the name of its type: the fixed part, the type's length
    /// and the numbers at their longest.
    static let recordOverheadMax = recordSizeMin + 10 + 10 + 8 + 10 + 2 + 10
    static let recordSizeMax = recordOverheadMax + aggregateTypeBytesMax + payloadBytesMax
    static let payloadBytesMax = 64 << 20
    static let aggregateTypeBytesMax = 255

    /// The payload is an LZ4 block.
    static let compressedFlag: UInt8 = 1 << 0
    /// The record says that an aggregate has no snapshot any more.
    static let removalFlag: UInt8 = 1 << 1
    static let knownFlags = compressedFlag | removalFlag
}
