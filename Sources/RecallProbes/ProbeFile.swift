// Bytes in memory as a file of exactly their size, so that a read behind the end is a read outside.

internal import RecallLog

/// A file, and a map of it, that is only read.
final class ProbeFile: DiskFile, DiskMap {
    // Written by init alone, so that any thread may read.
    nonisolated(unsafe) let base: UnsafeMutableRawPointer
    let count: Int

    /// - Parameter size: at least as large as `bytes`; the rest is zero.
    init(_ bytes: RawSpan, size: Int? = nil) {
        count = size ?? bytes.byteCount
        base = .allocate(byteCount: max(count, 1), alignment: 16)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        let copied = min(count, bytes.byteCount)
        bytes.extracting(0 ..< copied).withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            base.copyMemory(from: start, byteCount: copied)
        }
    }

    deinit { base.deallocate() }

    func status() throws(DiskError) -> DiskStatus {
        DiskStatus(
            identity: DiskIdentity(device: 0, node: 0), kind: .file, linkCount: 1, size: try size())
    }

    func size() throws(DiskError) -> Int { count }

    func readPart(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        guard offset >= 0, offset < count else { return 0 }
        let source = UnsafeRawBufferPointer(start: base + offset, count: min(buffer.count, count - offset))
        buffer.copyMemory(from: source)
        return source.count
    }

    func map(from start: Int, count: Int, isWritable: Bool) throws(DiskError) -> any DiskMap { self }

    func isOverwrittenInPlace() throws(DiskError) -> Bool { false }

    func nextData(from offset: Int) throws(DiskError) -> Int? { offset < count ? offset : nil }

    func writePart(_ bytes: RawSpan, at offset: Int) throws(DiskError) -> Int { throw Self.refusal("pwrite") }

    /// As a map, which is only read, too.
    func write(_ bytes: RawSpan, at offset: Int) throws(DiskError) { throw Self.refusal("mmap") }

    func sync() throws(DiskError) { throw Self.refusal("fdatasync") }
    func preallocate(size: Int) throws(DiskError) { throw Self.refusal("posix_fallocate") }
    func truncate(to size: Int) throws(DiskError) { throw Self.refusal("ftruncate") }
    func lockExclusively() throws(DiskError) -> Bool { throw Self.refusal("flock") }
    func unlock() {}
    func isLocked() throws(DiskError) -> Bool { false }
    func announceReader() throws(DiskError) {}
    func hasReaders() throws(DiskError) -> Bool { false }

    private static func refusal(_ call: String) -> DiskError {
        DiskError(call: call, path: "probe", number: DiskError.fileTooLarge)
    }
}
