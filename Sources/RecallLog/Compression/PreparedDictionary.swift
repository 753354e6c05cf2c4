// A dictionary that is ready for compressing: any number of threads use it at once.

internal import CRecallSystem

/// The dictionary of the segment that commits are appended to, as their callers compress with it.
///
/// `@unchecked Sendable`: neither the bytes nor what is prepared from them is written to after `init`.
package final class PreparedDictionary: @unchecked Sendable {
    /// How hard matches are looked for.
    package enum Effort: Int32, Sendable {
        /// A commit that does not wait for the disk must not wait for a better match.
        case fast = 0
        /// A sync takes a hundred times as long.
        case dense = 12
    }

    /// Which segment's it is.
    package let segmentNumber: UInt64
    private let bytes: UnsafeMutableRawPointer
    private let prepared: OpaquePointer

    /// - Returns: nil where `content` is empty or too large, or no memory is left.
    package init?(_ content: RawSpan, segmentNumber: UInt64) {
        let count = content.byteCount
        guard count > 0 else { return nil }
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
        content.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: bytes, count: count).copyMemory(from: source)
        }
        guard let prepared = recall_lz4_dictionary_make(bytes, count) else {
            bytes.deallocate()
            return nil
        }
        self.bytes = bytes
        self.prepared = prepared
        self.segmentNumber = segmentNumber
    }

    deinit {
        recall_lz4_dictionary_free(prepared)
        bytes.deallocate()
    }

    /// Appends the compressed form of `source` to `writer`.
    /// - Returns: whether it became smaller; when not, nothing was appended.
    package func compress(_ source: RawSpan, effort: Effort, to writer: inout ByteWriter) -> Bool {
        let size = source.byteCount
        guard size > 16, size <= Format.dictionaryBodySizeMax else { return false }
        let written = source.withUnsafeBytes { input in
            writer.append(upTo: size - 1) { output in
                recall_lz4_compress(
                    prepared, input.baseAddress, input.count, output.baseAddress, output.count,
                    effort.rawValue)
            }
        }
        return written > 0
    }
}
