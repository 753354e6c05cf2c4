// LZ4 blocks through liblz4. Sizes are checked before and after, since the library trusts what it is told.

internal import CLZ4
internal import CRecallSystem

package enum LZ4 {
    /// Appends the compressed form of `source` to `writer`.
    /// - Returns: whether it became smaller; when not, nothing was appended.
    package static func compress(_ source: RawSpan, to writer: inout ByteWriter) -> Bool {
        let size = source.byteCount
        guard size > 16, size <= Int(LZ4_MAX_INPUT_SIZE) else { return false }
        let before = writer.count
        // Room for one byte less than the source: what does not fit is not worth storing.
        let written = source.withUnsafeBytes { input in
            writer.append(upTo: size - 1) { output in
                Int(
                    LZ4_compress_default(
                        input.baseAddress, output.baseAddress, Int32(size), Int32(output.count)))
            }
        }
        return written > 0 && writer.count > before
    }

    /// What a destination for `decompress` has behind its end, in bytes, to be overwritten.
    package static let room = Int(RECALL_LZ4_ROOM)

    /// Decompresses a block into exactly `destination`.
    /// - Returns: whether the block was whole and filled the destination.
    package static func decompress(
        _ source: RawSpan, into destination: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard source.byteCount <= Int(Int32.max), destination.count <= Int(Int32.max) else { return false }
        let written = source.withUnsafeBytes { input in
            LZ4_decompress_safe(
                input.baseAddress, destination.baseAddress, Int32(input.count), Int32(destination.count))
        }
        return written == destination.count
    }

    /// Decompresses a block that refers to a dictionary into exactly `size` bytes at the beginning of `memory`, which
    /// has `room` more; what they held may be lost.
    /// - Returns: whether the block was whole and made as many bytes.
    @inline(__always)
    package static func decompress(
        _ source: RawSpan, dictionary: RawSpan, size: Int, into memory: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard size >= 0, memory.count - room >= size else { return false }
        return source.withUnsafeBytes { input in
            dictionary.withUnsafeBytes { dictionary in
                recall_lz4_decompress(
                    input.baseAddress, input.count, dictionary.baseAddress, dictionary.count,
                    memory.baseAddress, size)
            }
        }
    }
}
