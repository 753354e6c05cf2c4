// Memory of a simulated file that never moves, however much the file grows: a large range of addresses
// of which the system backs only the pages that are touched. This is what makes a map a live view.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import RecallLog

/// A range of zeroed memory at a constant address.
final class StableMemory: DiskMap {
    // A constant address; what lies there is guarded by the simulated disk's lock, and for maps by those
    // who share them, exactly as with a real map.
    nonisolated(unsafe) let base: UnsafeMutableRawPointer
    let count: Int

    /// - Returns: nil where the system has no such range left.
    init?(count: Int) {
        #if canImport(Darwin)
        let flags = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE
        #else
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        #endif
        let result = mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let base = result, base != MAP_FAILED else { return nil }
        self.base = base
        self.count = count
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) {
        guard offset >= 0, offset <= count, bytes.byteCount <= count - offset else {
            throw DiskError(call: "mmap", path: "simulated memory", number: EINVAL)
        }
        bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: base + offset, count: source.count).copyMemory(from: source)
        }
    }

    func place(_ bytes: [UInt8], at offset: Int) {
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            (base + offset).copyMemory(from: start, byteCount: source.count)
        }
    }

    deinit { munmap(base, count) }
}
