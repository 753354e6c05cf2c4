// What a header or a seal says beyond its fields: a list that later programs may put things in, without a new version of the format. Two
// bits of a type tell a program that does not know it what it may still do. Layout: docs/format.md, "Extensions".

/// The extensions of a header, as far as this program understands them: version 1 knows none.
package struct HeaderExtensions: Hashable, Sendable {
    /// In a type: who does not know it must refuse what it stands in.
    package static let mustBeKnown: UInt16 = 1 << 15
    /// In a type: who does not know it may only read.
    package static let mustBeKnownToWrite: UInt16 = 1 << 14
    /// Type and count of bytes.
    private static let headSize = 4

    /// Whether one is there with which this program may only read.
    package private(set) var forbidsWriting = false

    /// There are none.
    package static let none = HeaderExtensions()

    private init() {}

    /// Reads a list that ends with type 0, behind which zeros follow, or with the bytes.
    /// - Parameters:
    ///   - range: where in `bytes` it stands.
    ///   - what: it belongs to, in words.
    /// - Throws: of an unknown version where one must be known.
    package init(_ bytes: RawSpan, in range: Range<Int>, of what: String) throws(FormatError) {
        var reader = ByteReader(range)
        while reader.remainingCount >= Self.headSize {
            let type = try reader.integer(UInt16.self, bytes)
            if type == 0 { break }
            let size = Int(try reader.integer(UInt16.self, bytes))
            guard size <= reader.remainingCount else {
                throw FormatError("an extension of the \(what) reaches beyond its end")
            }
            reader = ByteReader(reader.offset + size ..< range.upperBound)
            if type & Self.mustBeKnown != 0 {
                var error = FormatError(
                    "the \(what) has an extension of type \(type & ~(Self.mustBeKnown | Self.mustBeKnownToWrite)) that this program must know and does not"
                )
                error.isOfUnknownVersion = true
                throw error
            }
            if type & Self.mustBeKnownToWrite != 0 { forbidsWriting = true }
        }
        while reader.remainingCount > 0 {
            guard try reader.byte(bytes) == 0 else {
                throw FormatError("something stands behind the extensions of the \(what)")
            }
        }
    }
}
