// An open file of the operating system. Every call names its own offset, so that threads may share
// the file: there is no position that one could move under another.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import CRecallSystem

/// A file opened by `POSIXDisk`.
final class POSIXFile: DiskFile {
    /// What one call reads or writes at most: macOS refuses more than `Int32.max`, and Linux cuts it.
    private static let callSizeMax = 1 << 30

    private let descriptor: FileDescriptor
    private let path: String

    init(_ descriptor: consuming FileDescriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    func status() throws(DiskError) -> DiskStatus { DiskStatus(try descriptor.status(path: path)) }

    func size() throws(DiskError) -> Int { Int(try descriptor.status(path: path).st_size) }

    func readPart(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(DiskError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        let position = try fileOffset(offset, call: "pread")
        while true {
            let result = pread(descriptor.number, base, min(buffer.count, POSIXFile.callSizeMax), position)
            if result >= 0 { return result }
            if errno != EINTR { throw DiskError(call: "pread", path: path, number: errno) }
        }
    }

    func writePart(_ bytes: RawSpan, at offset: Int) throws(DiskError) -> Int {
        try bytes.withUnsafeBytes { buffer throws(DiskError) in
            guard let base = buffer.baseAddress, !buffer.isEmpty else { return 0 }
            let position = try fileOffset(offset, call: "pwrite")
            while true {
                let count = min(buffer.count, POSIXFile.callSizeMax)
                let result = pwrite(descriptor.number, base, count, position)
                if result > 0 { return result }
                // No file system should write nothing; going on would never end.
                if result == 0 { throw DiskError(call: "pwrite", path: path, number: EIO) }
                if errno != EINTR { throw DiskError(call: "pwrite", path: path, number: errno) }
            }
        }
    }

    func sync() throws(DiskError) {
        let number = recall_sync(descriptor.number)
        #if canImport(Darwin)
        let call = "fcntl(F_FULLFSYNC)"
        #else
        let call = "fdatasync"
        #endif
        if number != 0 { throw DiskError(call: call, path: path, number: number) }
    }

    #if os(Linux)
    /// Here `msync` of a shared map is `fdatasync` of its bytes alone: neither does it matter how they were written, nor is
    /// anything else of the file written, such as a page that somebody stores to all the time.
    func sync(_ map: any DiskMap) throws(DiskError) {
        let number = recall_sync_map(map.base, map.count)
        if number != 0 { throw DiskError(call: "msync", path: path, number: number) }
    }
    #endif

    func preallocate(size: Int) throws(DiskError) {
        let number = recall_preallocate(descriptor.number, Int64(size))
        switch number {
        case 0: return
        case EOPNOTSUPP, EINVAL, ENOSYS: try writeZeros(upTo: size)
        default: throw DiskError(call: "fallocate", path: path, number: number)
        }
    }

    /// Reserves space where the file system has no call for it.
    private func writeZeros(upTo size: Int) throws(DiskError) {
        if size < 0 { throw DiskError(call: "fallocate", path: path, number: EINVAL) }
        let sizeBefore = try self.size()
        do throws(DiskError) {
            try writeZeros(from: sizeBefore, to: size)
        } catch {
            // Gives back what was taken, so that a full disk is not fuller for the attempt.
            try? truncate(to: sizeBefore)
            throw error
        }
    }

    func truncate(to size: Int) throws(DiskError) {
        let length = try fileOffset(size, call: "ftruncate")
        try POSIXDisk.call("ftruncate", path) { ftruncate(descriptor.number, length) }
    }

    func map(from start: Int, count: Int, isWritable: Bool) throws(DiskError) -> any DiskMap {
        // Touching a page behind the file's end is a signal that no one can catch, so it is not mapped.
        let size = try size()
        guard start >= 0, count > 0, start <= size, count <= size - start else {
            throw DiskError(call: "mmap", path: path, number: EINVAL)
        }
        let protection = isWritable ? PROT_READ | PROT_WRITE : PROT_READ
        let base = mmap(nil, count, protection, MAP_SHARED, descriptor.number, off_t(start))
        guard let base, base != MAP_FAILED else {
            throw DiskError(call: "mmap", path: path, number: errno)
        }
        return POSIXMap(base: base, count: count, isWritable: isWritable, path: path)
    }

    func isOverwrittenInPlace() throws(DiskError) -> Bool {
        let result = recall_is_overwritten_in_place(descriptor.number)
        if result < 0 { throw DiskError(call: "fstatfs", path: path, number: -result) }
        return result == 1
    }

    func nextData(from offset: Int) throws(DiskError) -> Int? {
        let found = recall_next_data(
            descriptor.number, Int64(try fileOffset(offset, call: "lseek")))
        if found == -1 { return nil }
        if found < 0 { throw DiskError(call: "lseek(SEEK_DATA)", path: path, number: Int32(-found - 1)) }
        return Int(found)
    }

    func lockExclusively() throws(DiskError) -> Bool {
        let number = recall_lock_exclusively(descriptor.number)
        if number == EWOULDBLOCK { return false }
        if number != 0 { throw DiskError(call: "fcntl(F_OFD_SETLK)", path: path, number: number) }
        return true
    }

    func unlock() { recall_unlock(descriptor.number) }

    func isLocked() throws(DiskError) -> Bool {
        let result = recall_is_locked(descriptor.number)
        if result < 0 { throw DiskError(call: "fcntl(F_OFD_GETLK)", path: path, number: -result) }
        return result == 1
    }

    func announceReader() throws(DiskError) {
        let number = recall_announce_reader(descriptor.number)
        if number != 0 { throw DiskError(call: "fcntl(F_OFD_SETLK)", path: path, number: number) }
    }

    func hasReaders() throws(DiskError) -> Bool {
        let result = recall_has_readers(descriptor.number)
        if result < 0 { throw DiskError(call: "fcntl(F_OFD_GETLK)", path: path, number: -result) }
        return result == 1
    }

    /// An offset as the system's type; `EINVAL` where it is negative or does not fit.
    private func fileOffset(_ offset: Int, call: String) throws(DiskError) -> off_t {
        guard offset >= 0, let position = off_t(exactly: offset) else {
            throw DiskError(call: call, path: path, number: EINVAL)
        }
        return position
    }
}
