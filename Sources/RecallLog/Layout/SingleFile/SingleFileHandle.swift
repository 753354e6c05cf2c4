// An open file inside a single-file store. Its bytes lie in one piece, so that they can be mapped; a file that grows where
// the place behind it is taken moves to a larger one.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Synchronization

/// A handle on a file of a `SingleFileDisk`.
///
/// A map shows what is written later only as long as the file does not move. One that may be stored through keeps it
/// where it is; segments have their space from the start and never move.
final class SingleFileHandle: DiskFile {
    private let store: SingleFileDisk.Opened
    private let node: SingleFileNode
    private let path: String
    private let isWritable: Bool
    private let syncedPlace = Mutex<(placement: FileTable.Placement, map: any DiskMap)?>(nil)

    /// A file that moves gets twice its room, but not more than this beyond it, in bytes.
    private static let spareBytesMax = 16 << 20
    /// What is copied at a time when a file moves, in bytes.
    private static let pieceBytes = 256 << 10

    init(_ node: SingleFileNode, in store: SingleFileDisk.Opened, path: String, isWritable: Bool) {
        self.node = node
        self.store = store
        self.path = path
        self.isWritable = isWritable
    }

    private func failure(_ call: String, _ number: Int32) -> DiskError {
        DiskError(call: call, path: path, number: number)
    }

    /// The identity and the names are those of the file that holds the store.
    func status() throws(DiskError) -> DiskStatus {
        var status = try store.file.status()
        status.size = try size()
        return status
    }

    func size() throws(DiskError) -> Int { node.body.withLock { $0.size } }

    func readPart(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(DiskError) -> Int {
        guard offset >= 0 else { throw failure("pread", EINVAL) }
        // The leases keep the place as long as it is read.
        let body = node.body.withLock { (leases: $0.leases, offset: $0.offset, size: $0.size) }
        let count = min(buffer.count, body.size - offset)
        guard count > 0 else { return 0 }
        return try withExtendedLifetime(body.leases) { () throws(DiskError) in
            try store.file.readPart(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count)), at: body.offset + offset)
        }
    }

    func writePart(_ bytes: RawSpan, at offset: Int) throws(DiskError) -> Int {
        guard isWritable else { throw failure("pwrite", EBADF) }
        let (end, isTooFar) = offset.addingReportingOverflow(bytes.byteCount)
        guard offset >= 0 else { throw failure("pwrite", EINVAL) }
        guard !isTooFar, end <= Int.max / 4 else { throw failure("pwrite", EFBIG) }
        guard !bytes.isEmpty else { return 0 }
        let (store, space, path) = (store, node.space, path)
        return try node.body.withLock { (body) throws(DiskError) in
            try Self.reserve(end, isGrowing: true, &body, store, space, path)
            try Self.fillWithZeros(upTo: offset, &body, store)
            let count = try store.file.writePart(bytes, at: body.offset + offset)
            body.zeroFrom = max(body.zeroFrom, offset + count)
            body.size = max(body.size, offset + count)
            return count
        }
    }

    func preallocate(size: Int) throws(DiskError) {
        guard isWritable else { throw failure("fallocate", EBADF) }
        guard size > 0 else { throw failure("fallocate", EINVAL) }
        try resize(to: size, isShrinking: false)
    }

    func truncate(to size: Int) throws(DiskError) {
        guard isWritable, size >= 0 else { throw failure("ftruncate", EINVAL) }
        try resize(to: size, isShrinking: true)
    }

    private func resize(to size: Int, isShrinking: Bool) throws(DiskError) {
        guard size <= Int.max / 4 else { throw failure("fallocate", EFBIG) }
        let (store, space, path) = (store, node.space, path)
        try node.body.withLock { (body) throws(DiskError) in
            if size > body.size {
                try Self.reserve(size, isGrowing: false, &body, store, space, path)
                try Self.fillWithZeros(upTo: size, &body, store)
            }
            body.size = isShrinking ? size : max(size, body.size)
        }
    }

    /// Sees to it that the file's place has room for `size` bytes.
    private static func reserve(
        _ size: Int, isGrowing: Bool, _ body: inout SingleFileNode.Body, _ store: SingleFileDisk.Opened,
        _ space: ExtentSpace, _ path: String
    ) throws(DiskError) {
        let capacity = body.capacity
        guard size > capacity else { return }
        let grow = { (end: Int) throws(DiskError) in try store.file.preallocate(size: end) }
        let spare = isGrowing ? min(capacity, spareBytesMax) : 0
        if let last = body.leases.last {
            let missing = max(size - capacity, spare)
            if let more = try space.allocate(behind: last.extent, missing, grow: grow) {
                // What is known to be zero in front ends where the new part may begin with something else.
                let isZeroUpToEnd = body.zeroFrom < capacity && more.zeroFrom == 0
                if !isZeroUpToEnd { body.zeroFrom = capacity + more.zeroFrom }
                body.leases.append(ExtentLease(more.extent, in: space))
                return
            }
        }
        guard !body.isPinned else { throw DiskError(call: "fallocate", path: path, number: EBUSY) }
        let grant = try space.allocate(max(size, capacity + spare), grow: grow)
        let lease = ExtentLease(grant.extent, in: space)
        try copy(body.size, from: body.offset, to: grant.extent.offset, store)
        body.zeroFrom = max(grant.zeroFrom, body.size)
        body.leases = [lease]
    }

    private static func copy(
        _ count: Int, from source: Int, to destination: Int, _ store: SingleFileDisk.Opened
    ) throws(DiskError) {
        var done = 0
        while done < count {
            let part = try DiskBytes.read(
                store.file, from: source + done, count: min(pieceBytes, count - done))
            guard part.count > 0 else { return }
            try part.withBytes { (bytes) throws(DiskError) in
                try store.file.write(bytes, at: destination + done)
            }
            done += part.count
        }
    }

    /// Puts zeros between the file's end and an offset, where something else may be.
    private static func fillWithZeros(
        upTo end: Int, _ body: inout SingleFileNode.Body, _ store: SingleFileDisk.Opened
    ) throws(DiskError) {
        let end = min(end, body.zeroFrom)
        try store.file.writeZeros(from: body.offset + body.size, to: body.offset + end)
    }

    /// Where the table has the file as it is, its own bytes are synced alone: the watermark page, which is stored to after each
    /// group, would be written with each sync otherwise.
    func sync() throws(DiskError) {
        if let place = try placeInTable() { return try store.sync(place) }
        try store.sync()
        // A size that is needed to read the file is in the table.
        if node.body.withLock({ $0.isAheadOfTable }) { try store.commit() }
    }

    /// A map of the whole file, made at its first sync in this place; nil where the durable table does not say that it is here.
    private func placeInTable() throws(DiskError) -> (any DiskMap)? {
        let placement = node.body.withLock { $0.known == $0.placement ? $0.known : nil }
        guard let placement, placement.size > 0 else { return nil }
        let store = store
        return try syncedPlace.withLock { (place) throws(DiskError) -> any DiskMap in
            if let place, place.placement == placement { return place.map }
            let map = try store.file.map(from: placement.offset, count: placement.size, isWritable: false)
            place = (placement, map)
            return map
        }
    }

    func map(from start: Int, count: Int, isWritable isMapWritable: Bool) throws(DiskError) -> any DiskMap {
        if isMapWritable, !isWritable { throw failure("mmap", EACCES) }
        let (store, path) = (store, path)
        return try node.body.withLock { (body) throws(DiskError) -> any DiskMap in
            guard start >= 0, count > 0, start <= body.size, count <= body.size - start else {
                throw DiskError(call: "mmap", path: path, number: EINVAL)
            }
            let map = try store.file.map(
                from: body.offset + start, count: count, isWritable: isMapWritable)
            if isMapWritable { body.isPinned = true }
            return SingleFileMap(map, leases: body.leases)
        }
    }

    func isOverwrittenInPlace() throws(DiskError) -> Bool { try store.file.isOverwrittenInPlace() }

    func nextData(from offset: Int) throws(DiskError) -> Int? {
        guard offset >= 0 else { throw failure("lseek", EINVAL) }
        let body = node.body.withLock { (leases: $0.leases, offset: $0.offset, size: $0.size) }
        guard offset < body.size, let found = try store.file.nextData(from: body.offset + offset),
            found < body.offset + body.size
        else { return nil }
        return found - body.offset
    }

    // The one file that is locked in a store is of another kind: SingleFileLock.
    func lockExclusively() throws(DiskError) -> Bool { throw failure("fcntl(F_OFD_SETLK)", ENOTSUP) }
    func unlock() {}
    func isLocked() throws(DiskError) -> Bool { throw failure("fcntl(F_OFD_GETLK)", ENOTSUP) }
    func announceReader() throws(DiskError) { throw failure("fcntl(F_OFD_SETLK)", ENOTSUP) }
    func hasReaders() throws(DiskError) -> Bool { throw failure("fcntl(F_OFD_GETLK)", ENOTSUP) }
}
