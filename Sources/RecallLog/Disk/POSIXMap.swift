// Bytes of a file in memory. The map keeps the pages when the file is closed, renamed or deleted; a
// file that is cut off below the map's end makes them unusable, so nobody truncates a mapped file.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A part of a file that `POSIXFile` mapped.
final class POSIXMap: DiskMap {
    // A constant address. Who reads and writes behind it is agreed on by those who share the map.
    nonisolated(unsafe) let base: UnsafeMutableRawPointer
    let count: Int
    private let isWritable: Bool
    private let path: String

    /// Takes over what `mmap` returned.
    init(base: UnsafeMutableRawPointer, count: Int, isWritable: Bool, path: String) {
        self.base = base
        self.count = count
        self.isWritable = isWritable
        self.path = path
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) {
        guard isWritable, offset >= 0, offset <= count, bytes.byteCount <= count - offset else {
            throw DiskError(call: "mmap", path: path, number: EINVAL)
        }
        bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: base + offset, count: source.count).copyMemory(from: source)
        }
    }

    deinit { munmap(base, count) }
}
