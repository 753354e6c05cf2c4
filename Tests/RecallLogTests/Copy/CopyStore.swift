// What the tests of backups and restores share: a store of several segments, sessions and kinds of commits, that goes on
// between two backups, and what must hold of a copy.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

/// A store that is copied. Backups go to a disk of their own where it is simulated.
struct CopyStore {
    let bench: Bench
    let clock = SteppingClock()
    let backupDisk: any Disk
    let backupPath: String
    let restoredPath: String

    init(_ kind: Bench.Kind, commitCount: Int = 150) throws {
        bench = try Bench(kind, segmentBytesMax: 76 << 10)
        backupDisk = !kind.isSimulated ? bench.disk : SimulatedDisk()
        backupPath = bench.path + "-backup"
        restoredPath = bench.path + "-restored"
        if commitCount > 0 { try append(1 ... commitCount) }
    }

    var disk: any Disk { bench.disk }

    func remove() {
        bench.remove()
        guard !bench.kind.isSimulated else { return }
        for path in [backupPath, restoredPath] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// About 60 fill a segment. Every fourth has several events.
    static func commit(_ number: Int) -> Commit {
        var events = [Story.event(number * 10, of: number % 5, noise: 900)]
        if number % 4 == 0 {
            events.append(Story.event(number * 10 + 1, of: (number + 1) % 5))
            events.append(Story.event(number * 10 + 2, of: number % 5))
        }
        return Commit(events: events)
    }

    func open(_ access: LogAccess = .createOrOpen, durability: Durability = .commit) throws -> Log {
        try bench.open(access) {
            $0.clock = clock.clock
            $0.durability = durability
            $0.checkpointFrameCountMin = 20
        }
    }

    /// Appends commits in a session of their own.
    func append(_ numbers: ClosedRange<Int>, isClosed: Bool = true) throws {
        let log = try open()
        for number in numbers { _ = try log.appendBlocking(Self.commit(number)) }
        if isClosed { try log.closeBlocking() }
    }

    @discardableResult
    func backup(on disk: (any Disk)? = nil, from source: (any Disk)? = nil) throws(StoreError) -> BackupResult
    {
        try Log.backup(
            at: bench.path, on: source ?? self.disk, to: backupPath,
            on: disk ?? (!bench.kind.isSimulated ? nil : backupDisk))
    }

    /// Restores the backup beside it.
    func restore(
        upTo point: RestorePoint = .end, to path: String? = nil, on disk: (any Disk)? = nil,
        from source: (any Disk)? = nil
    ) throws(StoreError) -> RestoreResult {
        let source = source ?? backupDisk
        return try Log.restore(
            from: backupPath, on: source, to: path ?? restoredPath, on: disk, upTo: point)
    }

    static func events(at path: String, _ disk: any Disk) throws -> [RecordedEvent] {
        try Log.openBlocking(at: path, access: .readOnly, disk: disk).allEvents()
    }

    func events() throws -> [RecordedEvent] { try Self.events(at: bench.path, disk) }

    /// Verifying finds nothing, and the events are those of the store.
    func expectBackup(
        on disk: (any Disk)? = nil, _ expected: [RecordedEvent], _ comment: Comment = ""
    ) throws {
        try Self.expectStore(at: backupPath, disk ?? backupDisk, expected, comment)
    }

    static func expectStore(
        at path: String, _ disk: any Disk, _ expected: [RecordedEvent], _ comment: Comment = ""
    ) throws {
        let report = try Log.verify(at: path, disk: disk)
        let findings = report.findings.map { "\($0.segment ?? 0) at \($0.offset ?? 0): \($0.reason)" }
        #expect(findings == [], comment)
        let found = try events(at: path, disk)
        #expect(found.count == expected.count, comment)
        #expect(found == expected, comment)
    }

    /// Every file below a directory, by path.
    static func files(_ directory: String, _ disk: any Disk) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        func collect(_ directory: String) throws {
            for name in try disk.list(directory) {
                let path = "\(directory)/\(name)"
                switch try disk.kind(of: path) {
                case .directory: try collect(path)
                case .file:
                    let file = try disk.open(path, .readOnly)
                    files[path] = try DiskBytes.read(file, count: file.size()).withBytes {
                        $0.withUnsafeBytes { Array($0) }
                    }
                default: files[path] = []
                }
            }
        }
        try collect(directory)
        return files
    }

    func segmentPath(_ number: Int, in store: String? = nil) -> String {
        "\(store ?? bench.path)/segments/" + String(repeating: "0", count: 10 - String(number).count)
            + "\(number).segment"
    }

    /// The code of the error that a call ends with; nil where it ends well.
    static func failure(_ body: () throws -> some Any) -> StoreError? {
        do {
            _ = try body()
            return nil
        } catch { return error as? StoreError ?? StoreError(StoreError.Code("other"), "\(error)") }
    }
}
