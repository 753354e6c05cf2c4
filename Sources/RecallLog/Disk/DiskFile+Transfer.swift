// Whole transfers made of parts. A disk may take or give less than it was asked for, and an error may come after a
// part; that is gone on with here, once for every disk, so that a simulated one can be short wherever a real one can.

extension DiskFile {
    /// Reads until the buffer is full or the file ends.
    /// - Returns: how many bytes were read; fewer than the buffer holds only at the end of the file.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(DiskError) -> Int {
        var done = try readPart(into: buffer, at: offset)
        guard done > 0 else { return 0 }
        while done < buffer.count {
            // The file reaches up to here, so the offset does not overflow.
            let count = try readPart(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]), at: offset &+ done)
            if count <= 0 { break }
            done += count
        }
        return done
    }

    /// Writes all bytes. Nothing is durable on return; after an error any part of them may be written.
    package func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) {
        if bytes.isEmpty { return }
        var done = try writePart(bytes, at: offset)
        while done < bytes.byteCount {
            done += try writePart(bytes.extracting(droppingFirst: done), at: offset &+ done)
        }
    }

    /// Writes zeros from one offset up to another. Nothing is durable on return.
    package func writeZeros(from start: Int, to end: Int) throws(DiskError) {
        var offset = start
        while offset < end {
            let count = min(Zeros.bytes.count, end - offset)
            try write(Zeros.bytes.span.bytes.extracting(first: count), at: offset)
            offset += count
        }
    }
}

/// What is written in one call where zeros are.
private enum Zeros {
    static let bytes = ContiguousArray<UInt8>(repeating: 0, count: 256 << 10)
}
