// Bytes of a file in memory. The map keeps the pages when the file is closed, renamed or deleted. Where the file is cut off below
// the map's end, or a page that a copy of the file shares cannot be given space, a touch would be a signal that ends the
// process: the map is guarded, so that zeros are there instead, and `isLost` says so.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import CRecallSystem

/// A part of a file that `POSIXFile` mapped.
final class POSIXMap: DiskMap {
    // A constant address. Who reads and writes behind it is agreed on by those who share the map.
    nonisolated(unsafe) let base: UnsafeMutableRawPointer
    let count: Int
    private let isWritable: Bool
    private let path: String
    // Made by init, used through calls that are safe from any thread, and given back by deinit.
    private nonisolated(unsafe) let guarded: OpaquePointer?

    /// Takes over what `mmap` returned.
    init(base: UnsafeMutableRawPointer, count: Int, isWritable: Bool, path: String) {
        self.base = base
        self.count = count
        self.isWritable = isWritable
        self.path = path
        guarded = recall_guard_map(base, count, isWritable)
    }

    var isLost: Bool { recall_is_map_lost(guarded) }

    func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) {
        guard isWritable, offset >= 0, offset <= count, bytes.byteCount <= count - offset else {
            throw DiskError(call: "mmap", path: path, number: EINVAL)
        }
        bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: base + offset, count: source.count).copyMemory(from: source)
        }
        // A page was not there, or there was no space for it: what was stored in its place is nowhere.
        if isLost { throw DiskError(call: "mmap", path: path, number: DiskError.lostPage) }
    }

    deinit {
        recall_unguard_map(guarded)
        munmap(base, count)
    }
}
