// Appending to snapshot files, and writing all that counts into a new one. A file that a write failed on
// takes nothing more, since nobody knows what it holds behind its last whole record.

internal import Recall

extension SnapshotFileSet {
    /// The file that takes the next record, begun where there is none.
    mutating func writableTail() throws(DiskError) -> Tail {
        if let tail, tail.offset < settings.fileBytesMax { return tail }
        tail = nil
        try makeDirectory()
        let number = try nextNumber()
        let begun = try beginFile(number, oldestNumber: oldestNumber, at: path(of: number))
        tail = begun
        readable[number] = Readable(file: begun.file, seed: begun.seed)
        return begun
    }

    /// Writes a record behind the others.
    mutating func append(_ record: borrowing ByteWriter, to tail: inout Tail) throws(DiskError) {
        self.tail = nil
        let file = tail.file
        let offset = tail.offset
        try record.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: offset) }
        tail.offset += record.count
        self.tail = tail
        isAppended = true
    }

    /// Compacts where it is worth it. A failure costs disk space and nothing else, so the caller, whose
    /// snapshot is saved, does not hear of it; the next try waits until as much again is dead.
    mutating func compactWhenDue() {
        guard index.deadBytes >= max(settings.deadBytesMin, deadBytesPaused),
            index.deadBytes > index.liveBytes
        else { return }
        do throws(StoreError) {
            try compact()
        } catch {
            deadBytesPaused = index.deadBytes + settings.deadBytesMin
        }
    }

    mutating func compact() throws(StoreError) {
        do throws(DiskError) {
            try load()
            try makeDirectory()
            try compactFiles()
            deadBytesPaused = 0
        } catch {
            throw StoreError(error, doing: "compact the snapshots")
        }
    }

    /// A name without `.new` is whole: the new file is synced before it gets one, and its header says
    /// that the older ones no longer count, so it does not matter which of them are deleted, and when.
    private mutating func compactFiles() throws(DiskError) {
        let number = try nextNumber()
        let unfinishedPath = path(of: number) + SnapshotFormat.unfinishedSuffix
        if try disk.kind(of: unfinishedPath) != nil { try disk.delete(unfinishedPath) }
        var new = try beginFile(number, oldestNumber: number, at: unfinishedPath)
        var newIndex = SnapshotIndex()
        var pending = ByteWriter(capacity: 1 << 20)
        for (aggregate, place) in index.ordered {
            guard let source = readable[place.fileNumber], let bytes = try? record(at: place, in: source)
            else { continue }
            let isWhole = bytes.withBytes { (try? SnapshotRecord(decoding: $0, seed: source.seed)) != nil }
            guard isWhole else { continue }
            let offset = new.offset + pending.count
            let seed = new.seed
            bytes.withBytes { SnapshotRecord.copy($0, seed: seed, to: &pending) }
            newIndex.note(
                aggregate,
                at: SnapshotIndex.Place(
                    fileNumber: number, size: place.size, offset: UInt64(offset), position: place.position))
            if pending.count >= 1 << 20 { try flush(&pending, to: &new) }
        }
        try flush(&pending, to: &new)
        try new.file.sync()
        try disk.rename(unfinishedPath, to: path(of: number))
        // From here on the new file counts, whatever happens.
        let oldNumbers = readable.keys.filter { $0 < number }
        index = newIndex
        readable = [number: Readable(file: new.file, seed: new.seed)]
        oldestNumber = number
        tail = new
        try disk.syncDirectory(directory)
        for old in oldNumbers { try? disk.delete(path(of: old)) }
        deleteLeftovers()
    }

    private func flush(_ pending: inout ByteWriter, to tail: inout Tail) throws(DiskError) {
        guard pending.count > 0 else { return }
        let file = tail.file
        let offset = tail.offset
        try pending.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: offset) }
        tail.offset += pending.count
        pending.removeAll()
    }

    private mutating func nextNumber() throws(DiskError) -> UInt32 {
        guard lastNumber < SnapshotFormat.fileNumberMax else {
            throw DiskError(call: "open", path: path(of: lastNumber), number: DiskError.fileTooLarge)
        }
        lastNumber += 1
        return lastNumber
    }

    private func makeDirectory() throws(DiskError) {
        if try disk.kind(of: directory) == nil { try disk.createDirectory(directory) }
    }

    private func beginFile(
        _ number: UInt32, oldestNumber: UInt32, at path: String
    ) throws(DiskError) -> Tail {
        let file = try disk.open(path, .createNew)
        var bytes = ByteWriter(capacity: Format.headerSize)
        let header = SnapshotFileHeader(
            storeID: storeID, number: number, oldestNumber: oldestNumber, time: clock.now())
        let seed = header.encode(to: &bytes)
        try bytes.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: 0) }
        return Tail(file: file, number: number, seed: seed, offset: Format.headerSize)
    }

    /// Deletes what earlier compactions left behind: unfinished files, and files that no longer count.
    private func deleteLeftovers() {
        for name in (try? disk.list(directory)) ?? [] {
            if name.hasSuffix(SnapshotFormat.fileSuffix + SnapshotFormat.unfinishedSuffix) {
                try? disk.delete("\(directory)/\(name)")
            } else if let number = SnapshotFileSet.number(ofFile: name), number < oldestNumber {
                try? disk.delete("\(directory)/\(name)")
            }
        }
    }
}
