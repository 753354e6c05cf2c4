// The writer's lock of a single-file store, which is on the file itself, and the page behind the superblocks that carries
// the watermark. Whoever takes the lock reads the table of contents anew, since another writer may have been here.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What the file `lock` is in the directory layout.
final class SingleFileLock: DiskFile {
    /// A handle of its own, which the lock belongs to.
    private let file: any DiskFile
    private let disk: SingleFileDisk

    init(_ file: any DiskFile, of disk: SingleFileDisk) {
        self.file = file
        self.disk = disk
    }

    func status() throws(DiskError) -> DiskStatus { try file.status() }

    func size() throws(DiskError) -> Int {
        let end = SingleFileFormat.watermarkOffset + Format.watermarkPageSize
        return try file.size() >= end ? Format.watermarkPageSize : 0
    }

    func readPart(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        guard offset >= 0 else { throw refusal("pread") }
        let count = min(buffer.count, Format.watermarkPageSize - offset)
        guard count > 0 else { return 0 }
        return try file.readPart(
            into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count)),
            at: SingleFileFormat.watermarkOffset + offset)
    }

    func writePart(_ bytes: RawSpan, at offset: Int) throws(DiskError) -> Int {
        if bytes.isEmpty { return 0 }
        throw refusal("pwrite")
    }

    func sync() throws(DiskError) { try file.sync() }
    // The page is there from the start.
    func preallocate(size: Int) throws(DiskError) {
        guard size <= Format.watermarkPageSize else { throw refusal("fallocate") }
    }
    func truncate(to size: Int) throws(DiskError) { throw refusal("ftruncate") }

    func map(from start: Int, count: Int, isWritable: Bool) throws(DiskError) -> any DiskMap {
        guard start == 0, count > 0, count <= Format.watermarkPageSize else { throw refusal("mmap") }
        return try file.map(from: SingleFileFormat.watermarkOffset, count: count, isWritable: isWritable)
    }

    func isOverwrittenInPlace() throws(DiskError) -> Bool { try file.isOverwrittenInPlace() }
    func nextData(from offset: Int) throws(DiskError) -> Int? { offset }

    func lockExclusively() throws(DiskError) -> Bool {
        guard try file.lockExclusively() else { return false }
        do throws(DiskError) { try disk.takeOver() } catch {
            file.unlock()
            throw error
        }
        return true
    }

    func unlock() { file.unlock() }
    func isLocked() throws(DiskError) -> Bool { try file.isLocked() }
    func announceReader() throws(DiskError) { try file.announceReader() }
    func hasReaders() throws(DiskError) -> Bool { try file.hasReaders() }

    private func refusal(_ call: String) -> DiskError {
        DiskError(call: call, path: "\(disk.path)/\(SingleFileDisk.lockName)", number: EINVAL)
    }
}
