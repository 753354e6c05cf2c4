// A disk whose file is always being written when it is read at one place: what a reader beside a writer may get of a sector
// that the system's cache is just given.

import RecallLog
import RecallTestKit
import Synchronization

/// Another disk, one of whose sectors is not what was written.
final class TornDisk: ForwardingDisk {
    let base: any Disk
    private let path: String
    private let offset: Int
    private let readCount = Mutex(0)
    private let mask: @Sendable (Int) -> UInt8

    /// - Parameters:
    ///   - path: of the file.
    ///   - offset: where the reads begin that are torn, in bytes.
    ///   - mask: which bits of a byte are others at each such read, counted from 1.
    init(_ base: any Disk, path: String, at offset: Int, mask: @escaping @Sendable (Int) -> UInt8) {
        self.base = base
        self.path = path
        self.offset = offset
        self.mask = mask
    }

    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        let file = try base.open(path, mode)
        return path == self.path ? File(file, of: self) : file
    }

    private func nextMask() -> UInt8 {
        mask(
            readCount.withLock { count in
                count += 1
                return count
            })
    }

    private final class File: ForwardingFile {
        let base: any DiskFile
        private let disk: TornDisk

        init(_ base: any DiskFile, of disk: TornDisk) {
            self.base = base
            self.disk = disk
        }

        func readPart(
            into buffer: UnsafeMutableRawBufferPointer, at offset: Int
        ) throws(DiskError) -> Int {
            let count = try base.readPart(into: buffer, at: offset)
            if offset == disk.offset, count > 40 { buffer[40] ^= disk.nextMask() }
            return count
        }
    }
}
