// The headers of stores and segments stand twice, with 4 KiB between them: without them everything behind would be lost, and
// neither a bit that flips in one of them nor a block that is lost may cost anything. Both copies are durable before the
// file has its name, so that no crash makes them differ. Layout: docs/format.md, "Headers".

/// Reads and writes a header that stands twice.
package enum HeaderCopies {
    /// Where a copy begins, in bytes.
    package static func offset(ofCopy copy: Int) -> Int { copy * Format.headerCopyDistance }

    /// The first copy that holds.
    ///
    /// - Parameters:
    ///   - bytes: what the file begins with; fewer than both copies where it is cut short.
    ///   - decode: reads one copy, and throws where it does not hold or belongs elsewhere.
    /// - Throws: what was wrong with the first copy where none holds. A copy that holds and is of a version that this
    ///   program does not know ends the search: its neighbour could only be older, or damaged.
    package static func first<Header>(
        in bytes: RawSpan, decode: (RawSpan) throws(FormatError) -> Header
    ) throws(FormatError) -> Header {
        var failure: FormatError?
        for copy in 0 ..< Format.headerCopyCount {
            do throws(FormatError) {
                return try read(copy, of: bytes, decode)
            } catch {
                if error.isOfUnknownVersion { throw error }
                failure = failure ?? error
            }
        }
        throw failure ?? .truncated
    }

    /// What is wrong with the copies beside the one that was taken.
    /// - Returns: offsets in bytes, and reasons; empty where both hold and say the same.
    package static func damage<Header: Equatable>(
        in bytes: RawSpan, taken: Header, decode: (RawSpan) throws(FormatError) -> Header
    ) -> [(offset: Int, reason: FormatError)] {
        var found: [(offset: Int, reason: FormatError)] = []
        for copy in 0 ..< Format.headerCopyCount {
            let offset = offset(ofCopy: copy)
            do throws(FormatError) {
                guard try read(copy, of: bytes, decode) == taken else {
                    throw FormatError("it says something else than the other copy")
                }
            } catch {
                found.append((offset, error))
            }
        }
        return found
    }

    private static func read<Header>(
        _ copy: Int, of bytes: RawSpan, _ decode: (RawSpan) throws(FormatError) -> Header
    ) throws(FormatError) -> Header {
        let offset = offset(ofCopy: copy)
        guard bytes.byteCount >= offset + Format.headerSize else {
            throw FormatError("the header is cut short")
        }
        return try decode(bytes.extracting(offset ..< offset + Format.headerSize))
    }

    /// Appends all copies of a header, with zeros between them.
    /// - Parameter encode: writes one.
    static func encode(to writer: inout ByteWriter, _ encode: (inout ByteWriter) -> Void) {
        var sector = ByteWriter(capacity: Format.headerSize)
        encode(&sector)
        let start = writer.count
        for copy in 0 ..< Format.headerCopyCount {
            writer.pad(to: start + offset(ofCopy: copy))
            sector.withBytes { writer.bytes($0) }
        }
    }
}
