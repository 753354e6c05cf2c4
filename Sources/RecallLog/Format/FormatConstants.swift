// Every number of format version 1, in one place. What they mean: docs/format.md.

/// The constants of the bytes on disk.
package enum Format {
    package static let version: UInt16 = 1

    package static let storeMagic: UInt64 = magic("RECALLST")
    package static let segmentMagic: UInt64 = magic("RECALLSG")
    package static let indexMagic: UInt64 = magic("RECALLIX")
    package static let watermarkMagic: UInt64 = magic("RECALLWM")
    package static let markMagic: UInt64 = magic("RECALLMK")

    /// Store, segment and index headers are one sector, which a crash keeps or loses whole.
    package static let headerSize = 512
    package static let headerChecksumOffset = 508
    /// The headers of stores and segments, which nothing else could replace, stand so many times.
    package static let headerCopyCount = 2
    /// So many bytes at least lie between two copies of anything: what fails together, a sector or a block of 4 KiB, never
    /// reaches both, wherever it begins.
    package static let copyGap = 4096
    /// From the beginning of one copy of a header to that of the next.
    package static let headerCopyDistance = headerSize + copyGap
    /// What all copies of a header take, with what lies between them, in bytes.
    package static let headerCopiesSize = (headerCopyCount - 1) * headerCopyDistance + headerSize
    package static let watermarkPageSize = 4096

    /// Where the two marks stand in the file `store`: in blocks of their own, which no write shares with a header.
    package static let markOffsets = [8192, 12800]
    /// Up to so many bytes in front of the marked place are covered by the mark's checksum.
    package static let markedByteCount = 64

    package static let segmentBytesMin = 64 << 10
    package static let segmentBytesMax = 1 << 30
    /// Where the capacity stands in a segment's header.
    package static let segmentCapacityOffset = 64
    /// Where the incarnation stands in a store's header.
    package static let storeIncarnationOffset = 72
    /// Where extensions begin in a segment's header.
    package static let segmentExtensionsOffset = 80

    /// Checksum, head, and three varints of a byte each.
    package static let frameSizeMin = 8
    package static let frameSizeMax = 1 << 28
    /// The byte behind the checksum: kind, codec, form of the watermark, and whether a commit is simple.
    package static let frameHeadOffset = 4
    package static let frameKindMask: UInt8 = 0b111
    package static let codecShift: UInt8 = 3
    package static let codecMask: UInt8 = 0b11
    package static let watermarkShift: UInt8 = 5
    package static let watermarkMask: UInt8 = 0b11
    package static let watermarkIsAbsent: UInt8 = 0
    package static let watermarkIsNext: UInt8 = 1
    package static let watermarkIsStated: UInt8 = 2
    package static let isSimpleFlag: UInt8 = 0x80

    /// What a commit frame takes beside streams, ids and body, at most, in bytes: the checksum, the head and nine numbers.
    package static let commitHeadSizeMax = 5 + 9 * 10

    /// So many frames that state no watermark may follow one that does.
    package static let unstatedWatermarkCountMax = 15
    /// A watermark that takes a byte is always stated.
    package static let shortLagMax: UInt64 = 127

    /// A dictionary stands so many times behind the headers.
    package static let dictionaryCopyCount = 2
    /// With the largest body that is compressed with it, as far as an LZ4 block can refer back.
    package static let dictionaryBytesMax = 48 << 10
    package static let dictionaryBodySizeMax = (16 << 10) - 1
    /// As many streams as a number of two bytes can name.
    package static let dictionaryIDCountMax = (1 << 14) - 1

    /// Kept free at the end of a segment, so that it can always be closed, opened again and sealed, and what a close says
    /// can stand twice.
    package static let sealReserve = copyGap + 256
    /// What an opening or close frame takes at most.
    package static let sessionFrameSizeMax = 48

    /// Feature flags of the three kinds that this program knows.
    package static let knownIgnorableFeatures: UInt64 = 0
    package static let knownReadFeatures: UInt64 = 0
    package static let knownRequiredFeatures: UInt64 = 0

    /// How many bytes a file, a header and a mark begin with that say what it is.
    package static let magicSize = 8

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
