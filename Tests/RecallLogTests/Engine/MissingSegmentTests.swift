// The last segment file of a cleanly closed store was removed: verifying said "is whole", 1,000 of 3,000 events were gone, and
// an append went on over the hole and gave their positions away again. The same after a kill. What is missing is damage: the
// marks in the file `store` say that there was more.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct MissingSegmentTests {
    /// What becomes of the store's files between two sessions.
    enum Loss: CaseIterable, Sendable {
        case last, lastTwo, all, directory
        case lastEmpty, lastCutShort, lastZeros
    }

    /// Eight segments of some commits each.
    private static func live(in bench: Bench, isClosed: Bool, _ numbers: ClosedRange<Int> = 1 ... 60) throws {
        let log = try bench.open()
        for number in numbers {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 7_000)]))
        }
        if isClosed { try log.closeBlocking() }
    }

    private static func segments(_ bench: Bench) throws -> [String] {
        try bench.files.list(bench.path + "/segments").filter { $0.hasSuffix(".segment") }.sorted()
            .map { bench.path + "/segments/" + $0 }
    }

    private static func lose(_ loss: Loss, in bench: Bench) throws {
        let files = bench.files
        let paths = try segments(bench)
        let last = try #require(paths.last)
        func write(_ size: Int, isTruncated: Bool) throws {
            let file = try files.open(last, .readWrite)
            if isTruncated {
                try file.truncate(to: size)
            } else {
                try file.write([UInt8](repeating: 0, count: try file.size() - size).span.bytes, at: size)
            }
        }
        switch loss {
        case .last: try files.delete(last)
        case .lastTwo: for path in paths.suffix(2) { try files.delete(path) }
        case .all, .directory:
            for path in paths { try files.delete(path) }
            if loss == .directory {
                try files.rename(bench.path + "/segments", to: bench.path + "/elsewhere")
            }
        case .lastEmpty: try write(0, isTruncated: true)
        case .lastCutShort: try write(8192, isTruncated: true)
        case .lastZeros: try write(16 << 10, isTruncated: false)
        }
        try files.syncDirectory(bench.path)
    }

    @Test(arguments: Bench.Kind.allCases, Loss.allCases)
    func whatIsMissingIsDamage(kind: Bench.Kind, loss: Loss) throws {
        // A directory of a single file is a name without a place: it cannot be moved away by hand.
        if kind.isFile, loss == .directory { return }
        // A shorter file of a single-file store would be a table that nobody wrote.
        if kind.isFile, loss == .lastEmpty || loss == .lastCutShort { return }
        // The lock of a log that is let go of without a close is free some time later: a killed process is a copy of the disk.
        for isClosed in kind.isSimulated ? [true, false] : [true] {
            // What a killed process left of the last segment is known up to its last mark only.
            if !isClosed, loss == .lastZeros { continue }
            var bench = try Bench(kind)
            defer { bench.remove() }
            try Self.live(in: bench, isClosed: isClosed)
            if !isClosed, let disk = bench.disk as? SimulatedDisk { bench = Bench(bench, on: disk.kill()) }
            let count = try Self.segments(bench).count
            try #require(count >= 5)
            try Self.lose(loss, in: bench)

            let appending = #expect(throws: StoreError.self) { try bench.open(.openExisting) }
            #expect(appending?.code == .damaged, "\(String(describing: appending))")
            let backup = #expect(throws: StoreError.self) {
                try Log.backup(
                    at: bench.path, on: bench.disk,
                    to: bench.path + "-backup" + (kind.isFile ? ".recall" : ""))
            }
            #expect(backup?.code == .damaged, "\(String(describing: backup))")
            let reading = #expect(throws: StoreError.self) {
                let log = try bench.open(.readOnly)
                _ = try log.allEvents()
            }
            #expect(reading?.code == .damaged, "\(String(describing: reading))")
            let report = try Log.verify(at: bench.path, disk: bench.disk)
            #expect(!report.isWhole)
            #expect(report.findings.contains { [.segment, .frames, .segmentDirectory].contains($0.subject) })

            // A salvage copies the rest, and says what is lost.
            let rescued = bench.path + "-rescued" + (kind.isFile ? ".recall" : "")
            defer { if !kind.isSimulated { try? FileManager.default.removeItem(atPath: rescued) } }
            if loss == .directory { continue }
            let salvage = try Log.salvage(from: bench.path, to: rescued, disk: bench.disk)
            #expect(!salvage.losses.isEmpty || loss == .lastCutShort && !isClosed)
            if isClosed { #expect(salvage.losses.last?.lastPosition == 60) }
            let numbers = try Log.openBlocking(at: rescued, access: .readOnly, disk: bench.disk).numbers()
            #expect(numbers == Array(1 ... 60).prefix(numbers.count).map { $0 } && numbers.count < 60)
        }
    }

    /// The last segment as it was a session ago, as somebody puts it back from a backup or a trash bin.
    @Test(arguments: Bench.Kind.allCases)
    func olderCopyOfTheLastSegmentIsDamage(kind: Bench.Kind) throws {
        let bench = try Bench(kind, segmentBytesMax: 1 << 20)
        defer { bench.remove() }
        try Self.live(in: bench, isClosed: true, 1 ... 6)
        let last = try #require(try Self.segments(bench).last)
        let older = try bench.files.bytes(of: last)
        try Self.live(in: bench, isClosed: true, 7 ... 9)
        try bench.files.open(last, .readWrite).write(older.span.bytes, at: 0)

        #expect(throws: StoreError.self) { try bench.open(.openExisting) }
        let report = try Log.verify(at: bench.path, disk: bench.disk)
        #expect(report.findings.map(\.positions) == [7 ... 9])
        let log = try bench.open(.readOnly)
        let first = try log.readBlocking(EventQuery(positions: 1 ... 6))
        #expect(first.events.count == 6)
        let error = #expect(throws: StoreError.self) { try log.allEvents() }
        #expect(error?.code == .damaged && error?.damagedPositions == 7 ... 9)
        // Whoever asks for an aggregate must not be told an older version of it.
        #expect(throws: StoreError.self) { try log.statusBlocking(of: Story.aggregate(1)) }
    }

    /// Two copies of one store go on by themselves, and a segment of one gets into the other.
    @Test(arguments: Bench.Kind.allCases)
    func segmentOfACopyThatWentOnByItselfIsDamage(kind: Bench.Kind) throws {
        let bench = try Bench(kind, segmentBytesMax: 1 << 20)
        defer { bench.remove() }
        try Self.live(in: bench, isClosed: true, 1 ... 6)
        let last = try #require(try Self.segments(bench).last)
        let common = try bench.files.bytes(of: last)
        let marks = try bench.files.bytes(of: bench.path + "/store")
        try Self.live(in: bench, isClosed: true, 21 ... 29)
        let other = try bench.files.bytes(of: last)
        // Back to what the two had in common, and on in another way.
        try bench.files.open(last, .readWrite).write(common.span.bytes, at: 0)
        try bench.files.open(bench.path + "/store", .readWrite).write(marks.span.bytes, at: 0)
        try Self.live(in: bench, isClosed: true, 7 ... 8)
        #expect(try Log.verify(at: bench.path, disk: bench.disk).isWhole)
        try bench.files.open(last, .readWrite).write(other.span.bytes, at: 0)

        let report = try Log.verify(at: bench.path, disk: bench.disk)
        #expect(report.findings.contains { $0.subject == .frames })
        let error = #expect(throws: StoreError.self) { try bench.open(.openExisting) }
        #expect(error?.code == .damaged)
    }

    /// A mark that rots costs nothing but itself: the other one says as much as was durable when it was written.
    @Test(arguments: Bench.Kind.allCases, [0, 1])
    func damagedMarkIsReportedAndWrittenAgain(kind: Bench.Kind, index: Int) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        try Self.live(in: bench, isClosed: true, 1 ... 20)
        let offset = Format.markOffsets[index]
        try bench.files.open(bench.path + "/store", .readWrite).write(
            [0xFF, 0xFF].span.bytes, at: offset + 60)
        let report = try Log.verify(at: bench.path, disk: bench.disk)
        #expect(report.findings.map(\.subject) == [.mark])
        #expect(report.findings.first?.offset == offset)
        for number in 21 ... 23 { try Self.live(in: bench, isClosed: true, number ... number) }
        #expect(try Log.verify(at: bench.path, disk: bench.disk).isWhole)
        try Self.lose(.last, in: bench)
        #expect(throws: StoreError.self) { try bench.open(.openExisting) }
    }

    /// An empty store has no segments, and is whole.
    @Test(arguments: Bench.Kind.allCases)
    func storeWithoutSegmentsIsEmpty(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        try bench.open().closeBlocking()
        #expect(try Log.verify(at: bench.path, disk: bench.disk).isWhole)
        #expect(try bench.open(.openExisting).allEvents().isEmpty)
    }
}

extension Disk {
    /// All bytes of a file.
    func bytes(of path: String) throws -> [UInt8] {
        let file = try open(path, .readOnly)
        return try DiskBytes.read(file, count: file.size()).withBytes { $0.withUnsafeBytes { Array($0) } }
    }
}

extension SimulatedDisk {
    /// Damages both marks of the store, as if it had none.
    func loseMarks() throws {
        let file = try open("/store/store", .readWrite)
        for offset in Format.markOffsets {
            try file.write([UInt8](repeating: 0, count: Format.headerSize).span.bytes, at: offset)
        }
    }
}
