// What becomes of a store's files between two sessions: the last segments are lost, emptied, cut short, or replaced by what they were
// a session ago. It is done to a copy of the disk, which is opened then: the loss is damage, and never a shorter history.

internal import Recall
internal import RecallLog

extension LabRun {
    /// The ways in which files are lost.
    private enum Loss: String, CaseIterable {
        case removed, emptied, zeroed, cutShort, replaced
        /// A block of 4 KiB of any file.
        case blockLost
    }

    /// Loses files of a copy of the store, and sees that nobody takes the rest for all of it.
    func loseFiles() throws {
        guard hasBeenOpened, Int.random(in: 0 ..< 3, using: &lossDice) == 0 else { return }
        guard var loss = Loss.allCases.randomElement(using: &lossDice) else { return }
        let copy = disk.kill()
        let names = try segmentNames(on: copy)
        guard let last = names.last else { return }
        // What the last session wrote into the last segment is vouched for by its clean close only.
        if !isClosedCleanly, loss == .zeroed || loss == .replaced || loss == .blockLost { loss = .removed }
        if loss == .blockLost { return try loseBlock(of: copy, names) }
        // The place of a file in a single file has the size that it has.
        if settings.isSingleFile, loss == .emptied || loss == .cutShort { loss = .zeroed }
        if settings.isSingleFile, !isClosedCleanly { loss = .removed }
        let count = Int.random(in: 1 ... names.count, using: &lossDice)
        try change(on: copy) { files throws(DiskError) in
            switch loss {
            case .removed:
                for name in names.suffix(count) { try files.delete(segmentPath(name)) }
            case .emptied: try files.open(segmentPath(last), .readWrite).truncate(to: 0)
            case .cutShort:
                let file = try files.open(segmentPath(last), .readWrite)
                try file.truncate(to: try file.size() / 2)
            case .zeroed:
                let file = try files.open(segmentPath(last), .readWrite)
                try file.writeZeros(from: 0, to: try file.size())
            // Done above: that is no change to a file of the store.
            case .blockLost: return
            case .replaced:
                guard let older = olderSegments[last]?[...] else { return }
                try files.open(segmentPath(last), .readWrite).write(older.span.bytes, at: 0)
            }
        }
        note(
            "of a copy of the store, \(loss == .removed ? "\(count) of \(names.count) segments" : last) \(loss.rawValue)"
        )
        statistics.lossCount += 1
        try expectNoSilentLoss(on: copy)
    }

    /// Opening says that the store is damaged, or shows all that must be there.
    private func expectNoSilentLoss(on copy: SimulatedDisk) throws {
        let log: Log
        do throws(StoreError) {
            log = try Log.openBlocking(
                at: settings.path, access: .openExisting, configuration: configuration, disk: copy)
        } catch {
            guard error.code == .damaged else {
                throw ConformanceFailure("Opening a store that lost files: expected damage, found \(error).")
            }
            if try Log.verify(at: settings.path, disk: copy, sabotages: configuration.sabotages).isWhole {
                throw ConformanceFailure(
                    "Verifying a store that lost files: expected findings, found none, and opening says \(error)."
                )
            }
            return
        }
        let found = try log.lastPositionBlocking()
        guard found >= durablePosition else {
            throw ConformanceFailure(
                "Opening a store that lost files: expected damage, or all events up to \(durablePosition), found those up to \(found)."
            )
        }
    }

    /// Loses a block of a store that was closed. What is read is what was written, or damage; and no more is lost than is in the block.
    private func loseBlock(of copy: SimulatedDisk, _ names: [String]) throws {
        let others = settings.isSingleFile ? [] : [settings.path + "/store"]
        let files = settings.isSingleFile ? [settings.path] : names.map(segmentPath) + others
        guard let file = files.randomElement(using: &lossDice), let size = copy.contents(of: file)?.count
        else { return }
        // Most of a segment is not written yet: what is, begins it.
        let end = Bool.random(using: &lossDice) ? size : min(size, 64 << 10)
        let sector = Int.random(in: 0 ... max(0, end / 512 - 8), using: &lossDice)
        let noise = (0 ..< 509).map { _ in UInt8.random(in: .min ... .max, using: &lossDice) }
        let contents = Bool.random(using: &lossDice) ? [0] : noise
        copy.loseBlock(atSector: sector, of: file, contents: contents)
        note("of a copy of the store, the block at sector \(sector) of \(file) is lost")
        statistics.lossCount += 1
        let log: Log
        do throws(StoreError) {
            log = try Log.openBlocking(
                at: settings.path, access: .readOnly, configuration: configuration, disk: copy)
        } catch {
            throw ConformanceFailure(
                "Reading a store that lost a block of 4 KiB: expected success, found \(error).")
        }
        var count: UInt64 = 0
        do throws(StoreError) {
            try log.replayBlocking { (fields, _) throws(StoreError) in
                count += 1
                return fields.position.rawValue == count
            }
        } catch {
            guard error.code == .damaged else {
                throw ConformanceFailure("Reading behind a lost block: expected damage, found \(error).")
            }
            return
        }
        guard Position(count) >= durablePosition else {
            throw ConformanceFailure(
                "Reading a store that lost a block: expected damage, or all events up to \(durablePosition), found \(count)."
            )
        }
    }

    /// Keeps what the segments are now, to be put back later.
    func keepSegments() throws {
        guard Int.random(in: 0 ..< 2, using: &lossDice) == 0 else { return }
        for name in try segmentNames(on: disk) {
            try look(at: disk) { files throws(DiskError) in
                let file = try files.open(segmentPath(name), .readOnly)
                olderSegments[name] = try DiskBytes.read(file, count: file.size()).withBytes {
                    $0.withUnsafeBytes { Array($0) }
                }
            }
        }
    }

    private func segmentPath(_ name: String) -> String { "\(settings.path)/segments/\(name)" }

    private func segmentNames(on disk: SimulatedDisk) throws -> [String] {
        try look(at: disk) { files throws(DiskError) in
            try files.list(settings.path + "/segments").filter { $0.hasSuffix(".segment") }.sorted()
        }
    }

    private func look<Result>(
        at disk: SimulatedDisk, _ body: (any Disk) throws(DiskError) -> Result
    ) throws(DiskError) -> Result {
        try body(
            settings.isSingleFile ? SingleFileDisk(settings.path, on: disk, isReadOnly: true) : disk)
    }

    /// Changes files while nobody has the store; what is changed is durable.
    private func change(
        on disk: SimulatedDisk, _ body: (any Disk) throws(DiskError) -> Void
    ) throws(DiskError) {
        guard settings.isSingleFile else { return try body(disk) }
        let inside = SingleFileDisk(settings.path, on: disk, isReadOnly: false)
        let lock = try inside.open(settings.path + "/lock", .readWrite)
        guard try lock.lockExclusively() else {
            throw DiskError(call: "lock", path: settings.path, number: 16)
        }
        defer { lock.unlock() }
        try body(inside)
        try inside.syncDirectory(settings.path)
    }
}
