// How names become durable: bytes first, then a new table of contents in a place that nobody uses, then the superblock
// that leads to it, then its spare. Each step is synced before the next, so that a crash finds the old table or the new one.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Synchronization

extension SingleFileDisk {
    /// The file that holds the store, opened.
    final class Opened: Sendable {
        let path: String
        let file: any DiskFile
        private let isReadOnly: Bool
        private let sabotages: Sabotages
        private let state = Mutex(SingleFileState())
        /// Set for good by a failed sync: all files share the one that failed, so nothing is known of any of them.
        private let failure = Mutex<DiskError?>(nil)

        init(
            _ path: String, on disk: any Disk, isReadOnly: Bool, sabotages: Sabotages
        ) throws(DiskError) {
            self.path = path
            self.isReadOnly = isReadOnly
            self.sabotages = sabotages
            file = try disk.open(path, isReadOnly ? .readOnly : .readWrite)
            // Before the first look at the table, so that nothing that it names is used for something else.
            if isReadOnly { try file.announceReader() }
        }

        private func damage(_ what: String) -> DiskError { DiskError(damageOf: what, path: path) }

        /// Does something with the names.
        func change<Result>(
            _ call: String, _ path: String,
            _ body: (inout SingleFileState) throws(SingleFileState.Errno) -> Result
        ) throws(DiskError) -> Result {
            try state.withLock { (state) throws(DiskError) in
                do throws(SingleFileState.Errno) {
                    let result = try body(&state)
                    if sabotages.contains(.reuseExtentEarly) {
                        state.space.beginTable()
                        state.space.finishTable(isWatched: false)
                    }
                    return result
                } catch {
                    throw DiskError(call: call, path: path, number: error.number)
                }
            }
        }

        // MARK: Reading the table

        /// Reads the table where that was not done yet; for a reader, also where a writer has made a new one.
        func refresh() throws(DiskError) {
            try state.withLock { (state) throws(DiskError) in
                if state.superblock != nil, !isReadOnly { return }
                while let latest = try readSuperblocks().latest, state.superblock != latest {
                    do throws(DiskError) { return _ = try load(latest, &state) } catch {
                        // Who has not announced to read may look where another writer has let go of the table meanwhile.
                        if try readSuperblocks().latest == latest { throw error }
                    }
                }
            }
        }

        /// What is wrong with the copies of what leads to the files, as they are now.
        func damagedCopies() throws(DiskError) -> [DamagedCopy] {
            let pair = try readSuperblocks()
            guard let latest = pair.latest else { return [] }
            let tables = try TableCopies(file, of: latest, fileSize: try file.size())
            return pair.damagedCopies + tables.damagedCopies
        }

        /// Throws where the table of contents leads behind the end of the file.
        func checkPlaces() throws(DiskError) {
            let entries = state.withLock { $0.durableEntries }
            let size = try file.size()
            do throws(FormatError) {
                try FileTable(generation: 0, entries: entries).check(within: size)
            } catch {
                throw damage(error.reason)
            }
        }

        /// What stands in the file; without a latest one where its making was interrupted.
        private func readSuperblocks() throws(DiskError) -> SuperblockPair {
            let pair = try SuperblockPair(file)
            if pair.isOfUnknownVersion { throw DiskError(versionOf: path) }
            if pair.latest == nil, try !isUnfinished() { throw damage("none of its two superblocks holds") }
            return pair
        }

        /// Whether the file is one whose making was interrupted: no longer than its head, with nothing in it but parts of that.
        private func isUnfinished() throws(DiskError) -> Bool {
            let size = try file.size()
            guard size <= SingleFileFormat.headSize else { return false }
            let found = try FileCopy(file, upTo: size)
            let head = Self.head()
            return found.unreadable.isEmpty
                && found.withBytes { found in
                    head.withBytes { head in
                        (0 ..< found.byteCount).allSatisfy { offset in
                            let byte = found.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                            return byte == 0
                                || byte == head.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                        }
                    }
                }
        }

        /// - Returns: both copies of the table.
        private func load(
            _ superblock: Superblock, _ state: inout SingleFileState
        ) throws(DiskError) -> TableCopies {
            let fileSize = try file.size()
            guard fileSize <= SingleFileFormat.fileSizeMax else {
                throw damage("it has \(fileSize) bytes, more than a store can have")
            }
            let copies = try TableCopies(file, of: superblock, fileSize: fileSize)
            guard let table = copies.table else {
                throw damage(
                    "its table of contents is lost: \(copies.damagedCopies.last?.reason.reason ?? "")")
            }
            // A reader shows what is left of a file that was cut short.
            if !isReadOnly {
                do throws(FormatError) { try table.check(within: fileSize) } catch {
                    throw damage(error.reason)
                }
            }
            let isWatched = isReadOnly ? true : try file.hasReaders()
            state = SingleFileState(table, of: superblock, fileSize: fileSize, isWatched: isWatched)
            return copies
        }

        /// What the file is, and whether it ends before what the durable table names. Housekeeping makes the file longer, or shorter, and writes
        /// tables meanwhile: only while one table stays the latest does it say how long the file is at least.
        func statusUnderOneTable() throws(DiskError) -> (status: DiskStatus, isCutShort: Bool) {
            while true {
                let before = latestTable
                let status = try file.status()
                if before == latestTable { return (status, status.size < before.end) }
            }
        }

        /// Which table is the durable one, and where the last byte ends that it names.
        private var latestTable: TableEnd {
            state.withLock { TableEnd(generation: $0.superblock?.generation, end: $0.durableEnd) }
        }

        private struct TableEnd: Equatable {
            var generation: UInt64?
            var end: Int
        }

        // MARK: The writer

        /// Reads everything anew under the lock, makes the head of a new file, and makes durable which table is the latest: the
        /// one who wrote its superblock may have been ended before its sync.
        func takeOver() throws(DiskError) {
            try state.withLock { (state) throws(DiskError) in
                state = SingleFileState()
                let pair = try readSuperblocks()
                guard let latest = pair.latest else { return try makeHead(&state) }
                let copies = try load(latest, &state)
                if try file.size() < SingleFileFormat.headSize {
                    try file.preallocate(size: SingleFileFormat.headSize)
                }
                if !pair.isSettled { try write(latest, to: pair.writingOrder) }
                if !copies.damagedCopies.isEmpty { try mend(&state) }
            }
        }

        /// Writes a table anew of which one copy does not hold: elsewhere, like each change, since a write over that copy
        /// might reach the sector that the other one ends in.
        private func mend(_ state: inout SingleFileState) throws(DiskError) {
            guard let before = state.superblock, before.generation < SingleFileFormat.generationMax else {
                return
            }
            state.space.beginTable()
            let table = FileTable(generation: before.generation + 1, entries: state.durableEntries)
            do throws(DiskError) { try commit(table, &state) } catch {
                // One copy still serves on a full disk, and the next writer tries again.
                guard error.isOutOfSpace, failure.withLock({ $0 == nil }) else { throw error }
            }
        }

        /// What a new file begins with: all zeros but the superblocks.
        private static func head() -> ByteWriter {
            var head = ByteWriter(capacity: SingleFileFormat.headSize)
            for offset in SingleFileFormat.superblockOffsets {
                head.pad(to: offset)
                var sector = ByteWriter(capacity: Format.headerSize)
                Superblock.empty.encode(to: &sector)
                sector.withBytes { head.bytes($0) }
            }
            head.pad(to: SingleFileFormat.headSize)
            return head
        }

        /// Written and not reserved, so that nothing old shines through.
        private func makeHead(_ state: inout SingleFileState) throws(DiskError) {
            let head = Self.head()
            try head.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: 0) }
            try sync()
            _ = try load(.empty, &state)
        }

        /// Writes a superblock to one place, and then to the other one.
        private func write(_ superblock: Superblock, to offsets: [Int]) throws(DiskError) {
            var sector = ByteWriter(capacity: Format.headerSize)
            superblock.encode(to: &sector)
            for offset in offsets {
                do throws(DiskError) {
                    try sector.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: offset) }
                } catch {
                    throw latch(error)
                }
                try sync()
            }
        }

        private func latch(_ error: DiskError) -> DiskError {
            failure.withLock { failure in
                if failure == nil { failure = error }
            }
            return error
        }

        // MARK: Making durable

        /// Makes the bytes of all files durable, or those that a map shows. A sync that failed once fails for good.
        func sync(_ place: (any DiskMap)? = nil) throws(DiskError) {
            if let failure = failure.withLock({ $0 }) { throw failure }
            do throws(DiskError) {
                if let place { try file.sync(place) } else { try file.sync() }
            } catch {
                throw latch(error)
            }
        }

        /// Makes the names durable, and where each file is, as they are now.
        func commit() throws(DiskError) {
            try state.withLock { (state) throws(DiskError) in
                if let failure = failure.withLock({ $0 }) { throw failure }
                guard let before = state.superblock else { return }
                state.space.beginTable()
                let entries = state.entries()
                if entries == state.durableEntries { return }
                guard before.generation < SingleFileFormat.generationMax else {
                    throw damage("its table of contents is of the last generation that there can be")
                }
                try commit(FileTable(generation: before.generation + 1, entries: entries), &state)
            }
        }

        /// Ends the file where the last extent ends that the durable table names, unless readers may look behind it.
        func trim() throws(DiskError) {
            try state.withLock { (state) throws(DiskError) in
                guard try !file.hasReaders() else { return }
                // What was let go up to now is not in the table, if that says what is.
                guard state.entries() == state.durableEntries else { return }
                state.space.beginTable()
                state.space.finishTable(isWatched: false)
                let file = file
                let isCut = try state.space.trim { (end) throws(DiskError) in try file.truncate(to: end) }
                if isCut { try sync() }
            }
        }

        private func commit(_ table: FileTable, _ state: inout SingleFileState) throws(DiskError) {
            var bytes = ByteWriter()
            table.encode(to: &bytes)
            let size = bytes.count
            guard size <= SingleFileFormat.tableBytesMax else {
                throw DiskError(call: "write", path: path, number: EFBIG)
            }
            let (file, space) = (file, state.space)
            let grant = try space.allocate(Superblock.tableExtentSize(ofTable: size)) {
                (end) throws(DiskError) in
                try file.preallocate(size: end)
            }
            let lease = ExtentLease(grant.extent, in: space)
            let superblock = Superblock(
                generation: table.generation, tableOffset: grant.extent.offset, tableSize: size)
            for copy in 0 ..< SingleFileFormat.tableCopyCount {
                let offset = superblock.tableOffset(ofCopy: copy)
                try bytes.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: offset) }
            }
            if !sabotages.contains(.leadToUnsyncedTable) { try sync() }
            try write(superblock, to: [superblock.offset, superblock.spareOffset])
            state.superblock = superblock
            state.noteDurable(table.entries)
            // The old table's place is let go only now, and free with the next one.
            state.tableLease = lease
            let isWatched = (try? file.hasReaders()) ?? true
            space.finishTable(isWatched: isWatched)
        }
    }
}
