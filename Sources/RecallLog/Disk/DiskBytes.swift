// Small files and headers, read into memory of our own.

/// Reads bytes of a file that are not mapped.
package enum DiskBytes {
    /// Up to `count` bytes from `offset` on; fewer only where the file ends.
    package static func read(_ file: any DiskFile, from offset: Int = 0, count: Int) throws(DiskError)
        -> ByteWriter
    {
        var bytes = ByteWriter(capacity: count)
        _ = try bytes.append(upTo: count) { (buffer) throws(DiskError) in
            try file.read(into: buffer, at: offset)
        }
        return bytes
    }
}
