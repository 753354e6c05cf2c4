// The probe of a store in one file: superblocks, the table of contents, places, and what a writer does to a file of which
// nobody knows who wrote it.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
internal import Recall
internal import RecallLog
internal import RecallTestKit

extension ReaderProbe {
    /// Opens, reads, verifies and goes on in a `.recall` file whose superblocks, table of contents, size or bytes were edited.
    ///
    /// Checked: whatever the file holds is opened or refused with an error. No event is shown that was not stored. Where no
    /// checksum was made to hold and superblocks and the table alone were edited, all events are shown or the store is
    /// refused. A file whose table is refused stays as it is, to the byte. A store that can be written to goes on, is as
    /// whole afterwards as before, and what is not the engine's keeps its bytes.
    /// - Parameter input: a control byte and edits, or a table's bytes: `ProbeFileEdits`.
    /// - Returns: how many events were shown.
    /// - Throws: `ProbeFailure`.
    @discardableResult
    public static func singleFile(_ input: Data) throws -> Int {
        let store = try ProbeFileStore.whole.get()
        let path = ProbeFileStore.path
        let edits = ProbeFileEdits(input, of: store)
        let disk = try edits.disk(of: store)
        guard let strangers = try? strangersBytes(disk) else {
            try refuse(disk)
            return 0
        }
        let verification = try? Log.verify(at: path, disk: disk)
        guard let log = openLog(disk, .readOnly, at: path) else {
            try goOn(disk, strangers)
            return 0
        }
        let walk = try ProbeWalk(log)
        try walk.check(against: store.events)
        if !edits.isMended, edits.isLeadingAlone {
            try require(
                walk.events == store.events && walk.damage.isEmpty,
                "\(walk.events.count) of \(store.events.count) events are shown, \(walk.damage)")
        }
        try compare(walk, log, isHonest: true)
        try? log.closeBlocking()
        try goOn(disk, walk, at: path)
        if let verification, verification.isWhole {
            let afterwards = try Log.verify(at: path, disk: disk)
            try require(
                afterwards.isWhole,
                "a whole store was opened for writing and is damaged: \(afterwards.findings)")
        }
        try goOn(disk, strangers)
        return walk.events.count
    }

    /// The contents of all files that the engine has no use for, by name.
    private static func strangersBytes(_ disk: SimulatedDisk) throws -> [String: [UInt8]] {
        let path = ProbeFileStore.path
        let inside = SingleFileDisk(path, on: disk, isReadOnly: true)
        let known: Set = ["store", "segments", "indexes", "snapshots", "lock"]
        var result: [String: [UInt8]] = [:]
        for name in try inside.list(path) where !known.contains(name) && !name.hasSuffix(".new") {
            guard try inside.kind(of: "\(path)/\(name)") == .file else { continue }
            let file = try inside.open("\(path)/\(name)", .readOnly)
            let bytes = try DiskBytes.read(file, count: try file.size())
            result[name] = bytes.withBytes { $0.withUnsafeBytes { Array($0) } }
        }
        return result
    }

    /// What cannot be read as a store is not written to.
    private static func refuse(_ disk: SimulatedDisk) throws {
        let before = disk.contents(of: ProbeFileStore.path)
        for access in [LogAccess.openExisting, .createOrOpen] {
            try require(
                openLog(disk, access, at: ProbeFileStore.path) == nil,
                "a file whose names cannot be read was opened")
        }
        try require(
            disk.contents(of: ProbeFileStore.path) == before, "a file that was refused was written to")
    }

    /// Whatever a writer does, it leaves what is not the engine's.
    private static func goOn(_ disk: SimulatedDisk, _ strangers: [String: [UInt8]]) throws {
        if let log = openLog(disk, .createOrOpen, at: ProbeFileStore.path) {
            _ = try? log.appendBlocking(ProbeStore.commit(5000, noiseCount: 9_000))
            try? log.closeBlocking()
        }
        let afterwards = try strangersBytes(disk)
        try require(
            strangers.allSatisfy { afterwards[$0.key]?.starts(with: $0.value) == true },
            "of \(strangers.keys.sorted()), something was changed by the engine: \(afterwards.keys.sorted())")
    }
}
