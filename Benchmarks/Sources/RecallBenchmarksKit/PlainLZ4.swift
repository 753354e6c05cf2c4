// LZ4 as the bare file and the figures of the workload use it: the library itself, nothing of the engine's.

import CPlainLZ4

/// Compression whose result is only counted or written, never read.
package enum PlainLZ4 {
    /// One block, compressed alone; the source itself where that is not smaller.
    package static func block(_ source: [UInt8]) -> [UInt8] {
        let capacity = Int(LZ4_compressBound(Int32(source.count)))
        let block = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            count = source.withUnsafeBytes { input in
                Int(
                    LZ4_compress_default(
                        input.baseAddress, UnsafeMutableRawPointer(output.baseAddress),
                        Int32(input.count), Int32(capacity)))
            }
        }
        return block.isEmpty || block.count >= source.count ? source : block
    }

    /// How many bytes `source` takes when it is compressed alone behind a dictionary.
    package static func byteCount(_ source: [UInt8], dictionary: [UInt8]) -> Int {
        guard let stream = LZ4_createStream() else { return source.count }
        defer { LZ4_freeStream(stream) }
        var output = [UInt8](repeating: 0, count: Int(LZ4_compressBound(Int32(source.count))))
        let written = dictionary.withUnsafeBytes { known in
            _ = LZ4_loadDict(stream, known.baseAddress, Int32(known.count))
            return source.withUnsafeBytes { input in
                output.withUnsafeMutableBytes { output in
                    LZ4_compress_fast_continue(
                        stream, input.baseAddress, output.baseAddress, Int32(input.count),
                        Int32(output.count), 1)
                }
            }
        }
        return written > 0 ? Int(written) : source.count
    }
}
