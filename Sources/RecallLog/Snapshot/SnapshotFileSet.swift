// The files behind SnapshotFiles, and what is known of them. Used under its lock only.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall

/// The snapshot files of one store.
struct SnapshotFileSet: Sendable {
    /// A file that takes records.
    struct Tail: Sendable {
        var file: any DiskFile
        var number: UInt32
        /// The checksum of the file's header.
        var seed: UInt32
        /// Where the next record goes.
        var offset: Int
    }

    /// An open file, and what the checksums of its records begin with.
    struct Readable: Sendable {
        var file: any DiskFile
        var seed: UInt32
    }

    let disk: any Disk
    let directory: String
    let storeID: RawIdentifier
    let clock: WallClock
    let isReadOnly: Bool
    let settings: SnapshotSettings

    var index = SnapshotIndex()
    var readable: [UInt32: Readable] = [:]
    /// Where the next record goes; nil where a new file is to be begun.
    var tail: Tail?
    /// Whether a record was written since the files were opened.
    var isAppended = false
    /// Files of lower numbers do not count.
    var oldestNumber: UInt32 = 1
    /// The highest number that any file in the directory has.
    var lastNumber: UInt32 = 0
    /// Dead bytes below which a compaction that failed is not tried again.
    var deadBytesPaused = 0
    private var isLoaded = false
    private var isClosed = false

    init(
        disk: any Disk, directory: String, storeID: RawIdentifier, clock: WallClock, isReadOnly: Bool,
        settings: SnapshotSettings
    ) {
        self.disk = disk
        self.directory = directory
        self.storeID = storeID
        self.clock = clock
        self.isReadOnly = isReadOnly
        self.settings = settings
    }

    // MARK: What SnapshotFiles offers

    /// Whether no snapshot of a higher position is kept.
    mutating func isNewest(_ snapshot: Snapshot) -> Bool {
        try? load()
        guard let known = index[RawIdentifier(snapshot.aggregateID.uuid)] else { return true }
        return known.position <= snapshot.position
    }

    mutating func save(_ snapshot: Snapshot) throws(StoreError) {
        try checkWritable()
        try during("save the snapshot of aggregate \(snapshot.aggregateID)") { files throws(DiskError) in
            try files.load()
            // Another caller may have saved a newer one while the log was synced.
            guard files.isNewest(snapshot) else { return }
            var tail = try files.writableTail()
            var record = ByteWriter(capacity: snapshot.payload.count / 2 + 1024)
            SnapshotRecord.encode(snapshot, seed: tail.seed, to: &record)
            let place = SnapshotIndex.Place(
                fileNumber: tail.number, size: UInt32(record.count), offset: UInt64(tail.offset),
                position: snapshot.position)
            try files.append(record, to: &tail)
            files.index.note(RawIdentifier(snapshot.aggregateID.uuid), at: place)
        }
        compactWhenDue()
    }

    mutating func remove(_ aggregate: AggregateID) throws(StoreError) {
        try during("remove the snapshot of aggregate \(aggregate)") { files throws(DiskError) in
            try files.load()
            let id = RawIdentifier(aggregate.uuid)
            guard files.index[id] != nil else { return }
            var tail = try files.writableTail()
            var record = ByteWriter(capacity: 64)
            SnapshotRecord.encodeRemoval(of: id, seed: tail.seed, to: &record)
            try files.append(record, to: &tail)
            files.index.noteRemoval(of: id, recordSize: record.count)
            do throws(DiskError) {
                try tail.file.sync()
                try files.disk.syncDirectory(files.directory)
            } catch {
                files.tail = nil
                throw error
            }
        }
        compactWhenDue()
    }

    mutating func latest(of aggregate: AggregateID) -> Snapshot? {
        try? load()
        let id = RawIdentifier(aggregate.uuid)
        guard let place = index[id] else { return nil }
        if let snapshot = try? read(place, of: id) { return snapshot }
        if isReadOnly {
            // The writer may have compacted its files since they were looked at.
            forgetAll()
            try? load()
            if let place = index[id], let snapshot = try? read(place, of: id) { return snapshot }
        }
        index.forget(id)
        // Where one record is damaged a scan would stop, and not find what is appended behind it.
        if tail?.number == place.fileNumber { tail = nil }
        return nil
    }

    mutating func statistics() -> SnapshotStatistics {
        try? load()
        return SnapshotStatistics(
            count: index.count, liveBytes: index.liveBytes, totalBytes: index.totalBytes)
    }

    /// Syncs what was saved since: a single file states the size of its parts in a table, so what no sync put there would not be
    /// found again even where nothing crashed. A failure costs snapshots and nothing else.
    mutating func close() {
        if let tail, isAppended {
            try? tail.file.sync()
            try? disk.syncDirectory(directory)
        }
        forgetAll()
        isClosed = true
    }

    func checkOpen() throws(StoreError) {
        if isClosed {
            throw StoreError(.closed, "The snapshots in \(directory) are closed: open the store again.")
        }
    }

    func checkWritable() throws(StoreError) {
        try checkOpen()
        if isReadOnly {
            throw StoreError(
                .readOnly,
                "The store of the snapshots in \(directory) was opened for reading only: open it for writing."
            )
        }
    }

    // MARK: Loading

    /// Reads the files that are there, once. Files that cannot be read count as lost.
    /// - Throws: where the directory cannot be read; the next call tries again.
    mutating func load() throws(DiskError) {
        if isLoaded { return }
        guard try disk.kind(of: directory) != nil else {
            isLoaded = true
            return
        }
        let numbers = try disk.list(directory).compactMap(SnapshotFileSet.number(ofFile:)).sorted()
        lastNumber = max(lastNumber, numbers.last ?? 0)
        var headers: [UInt32: SnapshotFileHeader] = [:]
        for number in numbers {
            guard let file = try? disk.open(path(of: number), .readOnly) else { continue }
            var header: SnapshotFileHeader?
            guard let scan = try? SnapshotScan(file, headerInto: &header), let header,
                header.storeID == storeID, header.number == number
            else { continue }
            headers[number] = header
            readable[number] = Readable(file: file, seed: scan.seed)
            oldestNumber = max(oldestNumber, header.oldestNumber)
        }
        for number in headers.keys.sorted() {
            if number < oldestNumber {
                readable[number] = nil
            } else if let file = readable[number]?.file {
                scan(file, number: number)
            }
        }
        isLoaded = true
    }

    private mutating func scan(_ file: any DiskFile, number: UInt32) {
        var header: SnapshotFileHeader?
        tail = nil
        guard var scan = try? SnapshotScan(file, headerInto: &header, sabotages: settings.sabotages) else {
            return
        }
        while let found = try? scan.next() { index.note(found, fileNumber: number) }
        // Behind a record that is not whole nothing would be found again.
        guard !isReadOnly, number == lastNumber, scan.isAtEnd,
            let writable = try? disk.open(path(of: number), .readWrite)
        else { return }
        tail = Tail(file: writable, number: number, seed: scan.seed, offset: scan.offset)
    }

    private mutating func forgetAll() {
        index = SnapshotIndex()
        readable = [:]
        tail = nil
        isLoaded = false
    }

    private mutating func read(_ place: SnapshotIndex.Place, of id: RawIdentifier) throws -> Snapshot? {
        guard let source = readable[place.fileNumber] else { return nil }
        let bytes = try record(at: place, in: source)
        return try bytes.withBytes { (bytes) throws(FormatError) -> Snapshot? in
            let record = try SnapshotRecord(
                decoding: bytes, seed: source.seed, sabotages: settings.sabotages)
            return record.aggregateID == id ? try record.snapshot(bytes) : nil
        }
    }

    /// The bytes of a record that a scan or a save found whole.
    func record(
        at place: SnapshotIndex.Place, in source: Readable
    ) throws(DiskError) -> ByteWriter {
        try DiskBytes.read(source.file, from: Int(place.offset), count: Int(place.size))
    }

    // MARK: Names

    static func number(ofFile name: String) -> UInt32? {
        guard name.hasSuffix(SnapshotFormat.fileSuffix) else { return nil }
        let digits = name.dropLast(SnapshotFormat.fileSuffix.count)
        guard digits.count == SnapshotFormat.fileNumberDigitCount, let number = UInt32(digits), number > 0
        else { return nil }
        return number
    }

    func path(of number: UInt32) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, SnapshotFormat.fileNumberDigitCount - digits.count))
        return "\(directory)/\(zeros)\(digits)\(SnapshotFormat.fileSuffix)"
    }

    /// Does work that may fail on the disk.
    private mutating func during(
        _ task: String, _ body: (inout SnapshotFileSet) throws(DiskError) -> Void
    ) throws(StoreError) {
        do throws(DiskError) {
            try body(&self)
        } catch {
            throw StoreError(error, doing: task)
        }
    }
}
