// The body of a commit, encoded and compressed by the caller's thread. The one writer need only place it; should
// the segment have changed meanwhile, and with it the dictionary, it is compressed once more.

package import Recall

/// A commit's body, as it is and as it will be stored. Its memory is kept from commit to commit.
package struct PreparedBody: ~Copyable {
    package private(set) var codec = BodyCodec.none
    private var raw = ByteWriter(capacity: 1024)
    private var packed = ByteWriter(capacity: 1024)
    /// The segment whose dictionary was used.
    private var segmentNumber: UInt64 = 0

    /// Below so many bytes compression costs more than it saves: alone, and with a dictionary.
    private static let compressedSizeMin = 64
    private static let dictionarySizeMin = 24
    /// What is kept between commits at most, in bytes.
    private static let keptBytesMax = 256 << 10

    package init() {}

    /// Size of the body before compression, in bytes.
    package var rawSize: Int { raw.count }
    /// Size of what will be stored, in bytes.
    package var storedSize: Int { codec == .none ? raw.count : packed.count }

    package mutating func removeAll() {
        raw.removeAll(keepingCapacityUpTo: Self.keptBytesMax)
        packed.removeAll(keepingCapacityUpTo: Self.keptBytesMax)
        codec = .none
    }

    /// Encodes the events of a commit.
    package mutating func encode(_ events: [NewEvent], _ streams: borrowing StreamList) {
        CommitBody.encode(events, streamIndexes: streams.indexes, typeIndexes: streams.typeIndexes, to: &raw)
    }

    /// Compresses what was encoded, where that makes it smaller.
    package mutating func compress(_ dictionary: PreparedDictionary?, effort: PreparedDictionary.Effort) {
        packed.removeAll()
        codec = .none
        segmentNumber = dictionary?.segmentNumber ?? 0
        guard raw.count >= (dictionary == nil ? Self.compressedSizeMin : Self.dictionarySizeMin) else {
            return
        }
        if let dictionary, raw.count <= Format.dictionaryBodySizeMax {
            if Self.compress(&raw, &packed, { dictionary.compress($0, effort: effort, to: &$1) }) {
                codec = .lz4WithDictionary
            }
        } else if Self.compress(&raw, &packed, { LZ4.compress($0, to: &$1) }) {
            codec = .lz4
        }
    }

    private static func compress(
        _ raw: inout ByteWriter, _ packed: inout ByteWriter, _ body: (RawSpan, inout ByteWriter) -> Bool
    ) -> Bool {
        raw.withBytes { body($0, &packed) }
    }

    /// Whether the body can be stored in a segment as it is.
    package func fits(segmentNumber: UInt64) -> Bool {
        codec != .lz4WithDictionary || self.segmentNumber == segmentNumber
    }

    /// Appends what is to be stored.
    package func write(to writer: inout ByteWriter) {
        if codec == .none {
            raw.withBytes { writer.bytes($0) }
        } else {
            packed.withBytes { writer.bytes($0) }
        }
    }
}
