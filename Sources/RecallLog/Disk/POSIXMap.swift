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

    /// Takes over what `mmap` returned.
    init(base: UnsafeMutableRawPointer, count: Int) {
        self.base = base
        self.count = count
    }

    deinit { munmap(base, count) }
}
