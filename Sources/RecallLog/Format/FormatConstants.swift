// Every number of format version 1, in one place. What they mean: docs/format.md.

/// The constants of the bytes on disk.
package enum Format {
    package static let version: UInt16 = 1

    package static let storeMagic: UInt64 = magic("RECALLST")
    package static let segmentMagic: UInt64 = magic("RECALLSG")
    package static let indexMagic: UInt64 = magic("RECALLIX")
    package static let watermarkMagic: UInt64 = magic("RECALLWM")

    /// Store, segment and index headers are one sector, which a crash keeps or loses whole.
    package static let headerSize = 512
    package static let headerChecksumOffset = 508
    package static let watermarkPageSize = 4096

    package static let segmentBytesMin = 64 << 10
    package static let segmentBytesMax = 1 << 30

    /// Checksum, size and kind, flags, and three varints of a byte each.
    package static let frameSizeMin = 12
    package static let frameSizeMask: UInt32 = (1 << 28) - 1
    package static let frameKindShift: UInt32 = 28
    package static let frameFixedSize = 9
    package static let codecMask: UInt8 = 0b11

    /// Kept free at the end of a segment, so that it can always be closed, opened again and sealed.
    package static let sealReserve = 192
    /// What an opening or close frame takes at most.
    package static let sessionFrameSizeMax = 48

    /// Feature flags of the three kinds that this program knows.
    package static let knownIgnorableFeatures: UInt64 = 0
    package static let knownReadFeatures: UInt64 = 0
    package static let knownRequiredFeatures: UInt64 = 0

    private static func magic(_ text: StaticString) -> UInt64 {
        var value: UInt64 = 0
        for index in 0 ..< 8 { value |= UInt64(text.utf8Start[index]) << (8 * UInt64(index)) }
        return value
    }
}

/// What a frame is, in the high bits of its size.
package enum FrameKind: UInt8, Sendable {
    case commit = 1
    case dictionary = 2
    case opening = 3
    case close = 4
    case seal = 5
}

/// How the body of a frame is stored.
package enum BodyCodec: UInt8, Sendable {
    case none = 0
    case lz4 = 1
    case lz4WithDictionary = 2
}
