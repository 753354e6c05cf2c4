// The directory of a backup: a store like any other, with the id, header and segments of the one that is backed up. What may be
// written into is decided here, before anything is.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Recall

/// A backup, locked as long as this lives. Used by one thread.
final class BackupDestination {
    let layout: DirectoryLayout
    private let lock: StoreLock
    private let source: CopySource

    /// Finds the backup, or makes an empty one, and takes its lock.
    /// - Throws: `unavailable` or `notFound` where the path leads to something else than a backup of this store or an empty
    ///   directory; `locked` where another backup or a writer has it; or what the system refused.
    init(
        at path: String, disk: any Disk, of source: CopySource, isSameDisk: Bool
    ) throws(StoreError) {
        if isSameDisk, StoreExtent(of: source.layout).contains(path, on: disk) {
            throw StoreError(
                .unavailable,
                "\(path) is the store that is backed up, or inside of it: back up into a directory elsewhere."
            )
        }
        let opening = StoreOpening(disk, access: .createOrOpen, configuration: LogConfiguration())
        layout = try opening.layout(at: path)
        self.source = source
        // Before the lock, which would leave a file in a stranger's directory; it goes where the backup is refused later.
        try Self.require(layout, source, opening)
        lock = try StoreLock(layout, processID: UInt64(getpid()), isLeftBehind: false)
        // Whoever reads the backup meanwhile may see all that it finds: nothing gets a name before it is whole and durable.
        lock.page.publish(.max)
        try Self.require(layout, source, opening)
    }

    deinit { lock.release() }

    private static func require(
        _ layout: DirectoryLayout, _ source: CopySource, _ opening: StoreOpening
    ) throws(StoreError) {
        guard let header = try layout.readStoreHeader() else {
            try opening.refuseUnfinished(layout)
            guard try layout.segmentNumbers().isEmpty else {
                throw StoreError(
                    .damaged,
                    "\(layout.path) holds segments but its header, the file store, is missing: back up into another directory."
                )
            }
            try opening.checkMayBecomeStore(layout)
            return
        }
        guard header.storeID == source.header.storeID else {
            throw StoreError(
                .unavailable,
                "\(layout.path) holds another store than \(source.layout.path): back up into another directory."
            )
        }
    }

    /// Looks at what an earlier backup copied, and writes nothing.
    /// - Throws: `unavailable` where it holds what the store does not; `damaged` where one of the two is.
    func plan() throws(StoreError) -> BackupPlan {
        let numbers = try layout.segmentNumbers()
        try layout.requireNoGap(in: numbers)
        var plan = BackupPlan()
        var nextPosition: UInt64 = 1
        for number in numbers {
            let mine = try layout.openSegment(number, storeID: source.header.storeID)
            guard number <= source.segmentCount else {
                throw StoreError(
                    .unavailable,
                    "\(layout.path) holds segment \(number), which \(source.layout.path) does not have: back up into another directory."
                )
            }
            let isLast = number == numbers.last
            let next =
                isLast
                ? nil
                : try layout.segmentHeader(number + 1, storeID: source.header.storeID).firstPosition
            let (theirs, part) = try source.segment(number)
            let found = try BackupComparison(
                mine: mine, mineNextPosition: next, theirs: theirs, part: part, backupPath: layout.path,
                storePath: source.layout.path
            ).compare()
            nextPosition = found.nextPosition
            if found.isKept {
                plan.keptNumbers.insert(number)
                plan.keptByteCount += mine.header.capacity
            }
        }
        plan.previousPosition = nextPosition - 1
        return plan
    }

    /// Makes the store's header where there is none yet: from then on the directory is a store.
    /// - Parameter isChanged: whether segments are about to be copied.
    func begin(isChanged: Bool) throws(StoreError) {
        lock.leaveBehind()
        layout.deleteUnfinished()
        let copies = source.headerBytes[...]
        guard let header = try layout.readStoreHeader() else {
            try layout.syncParent()
            return try layout.create(source.header, headerCopies: copies.span.bytes)
        }
        if header.incarnation == source.header.incarnation {
            if isChanged { try layout.unmarkFile(of: header) }
            return
        }
        // What is there begins this history as well as the one that it was copied from.
        do throws(DiskError) { try layout.makeHeaderFile(source.header, copies.span.bytes) } catch {
            throw StoreError(error, doing: "write the header of \(layout.path)")
        }
    }

    /// Marks how far the backup goes: all of it is durable.
    func finish() throws(StoreError) {
        // As far as the mark says already, where nothing was copied.
        let end = try layout.marks(of: source.header).newest?.end
        if let tail = source.tail, let end, end.namesFile, end.salt == tail.header.salt,
            end.segmentNumber == tail.header.number, end.nextPosition == source.position + 1
        {
            return
        }
        try layout.markEnd(of: source.header)
    }
}
