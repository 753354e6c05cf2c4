// Many segments, few index files: what is found, what is left on the disk, and what a crash or damage in the
// middle of it may cost, which is time alone.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct IndexMergeTests {
    private static let folder = "/store/indexes"

    private static func bench() throws -> Bench { try Bench(.simulated) }

    /// Appends commits, three to a segment, until there are so many segments.
    private func fill(_ log: Log, from first: Int = 1, segmentCount: Int, on disk: SimulatedDisk) throws
        -> Int
    {
        var number = first
        while try disk.list("/store/segments").count <= segmentCount {
            _ = try log.appendBlocking(Self.commit(number))
            number += 1
        }
        return number - 1
    }

    private static func commit(_ number: Int) -> Commit {
        Story.commit(number ... number, of: number % 7, padding: 18_000)
    }

    private static func configure(_ configuration: inout LogConfiguration) {
        configuration.isCompressing = false
        configuration.checkpointFrameCountMin = 1
    }

    /// The files that cover so many segments when nothing is left to be merged.
    private static func names(_ segmentCount: Int) -> [String] {
        func padded(_ number: Int) -> String {
            String(repeating: "0", count: 10 - String(number).count) + String(number)
        }
        var names: [String] = []
        var first = 1
        while first <= segmentCount {
            var width = 1
            while width * 4 <= segmentCount - first + 1 { width *= 4 }
            names.append(
                width == 1
                    ? "\(padded(first)).index" : "\(padded(first))-\(padded(first + width - 1)).index")
            first += width
        }
        return names
    }

    /// Waits for the background to have merged what can be merged.
    private static func settle(_ log: Log, on disk: SimulatedDisk, sealedCount: Int) throws {
        log.finishHousekeeping()
        #expect(try disk.list(folder) == names(sealedCount))
    }

    private func check(_ log: Log, through last: Int, _ comment: Comment) throws {
        #expect(try log.numbers() == Array(1 ... last), comment)
        for aggregate in 0 ..< 7 {
            let expected = (1 ... last).filter { $0 % 7 == aggregate }
            let page = try log.readBlocking(EventQuery(.aggregate(Story.aggregate(aggregate))))
            #expect(page.events.compactMap(Story.number) == expected, comment)
            #expect(page.events.map(\.version.rawValue) == expected.indices.map { UInt64($0) + 1 }, comment)
        }
        for number in [1, 2, last / 2, last - 1, last] where number > 0 {
            let position = Position(UInt64(number))
            let found = try log.readBlocking(EventQuery(positions: position ... position)).events
            #expect(found.compactMap(Story.number) == [number], comment)
        }
        #expect(try log.inspect().aggregateCount == min(last, 7), comment)
    }

    private func checkRepetitions(_ log: Log, through last: Int, _ comment: Comment) throws {
        for number in 1 ... last {
            let receipt = try log.appendBlocking(Self.commit(number))
            #expect(receipt.wasStoredBefore, comment)
            #expect(receipt.lastPosition.rawValue == UInt64(number), comment)
        }
    }

    @Test func manySegmentsAreFoundThroughFewFiles() throws {
        let bench = try Self.bench()
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open(.createOrOpen, Self.configure)
        let last = try fill(log, segmentCount: 42, on: disk)
        try Self.settle(log, on: disk, sealedCount: 42)
        #expect(try disk.list(Self.folder).count == 6)
        try check(log, through: last, "while it is open")
        try checkRepetitions(log, through: last, "while it is open")
        try log.closeBlocking()
        #expect(try Log.verify(at: "/store", disk: disk).isWhole)
        let again = try bench.open(.createOrOpen, Self.configure)
        try check(again, through: last, "opened again")
        try checkRepetitions(again, through: last, "opened again")
        try again.closeBlocking()
    }

    @Test func onTheRealDiskFilesAreMergedToo() throws {
        let bench = try Bench(.real)
        defer { bench.remove() }
        let log = try bench.open(.createOrOpen, Self.configure)
        let folder = bench.path + "/indexes"
        var last = 0
        while try FileManager.default.contentsOfDirectory(atPath: bench.path + "/segments").count <= 9 {
            last += 1
            _ = try log.appendBlocking(Self.commit(last))
        }
        log.finishHousekeeping()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
        try check(log, through: last, "real")
        try log.closeBlocking()
        #expect(try Log.verify(at: bench.path).isWhole)
    }

    @Test func closingDoesNotLeaveAHalfMergedFile() throws {
        let bench = try Self.bench()
        let disk = try #require(bench.disk as? SimulatedDisk)
        var last = 0
        for segmentCount in 1 ... 12 {
            let log = try bench.open(.createOrOpen, Self.configure)
            last = try fill(log, from: last + 1, segmentCount: segmentCount, on: disk)
            try log.closeBlocking()
            #expect(try !disk.list(Self.folder).contains { $0.hasSuffix(".new") })
            #expect(try Log.verify(at: "/store", disk: disk).isWhole)
        }
        let log = try bench.open(.createOrOpen, Self.configure)
        try check(log, through: last, "after many sessions")
        try checkRepetitions(log, through: last, "after many sessions")
        try log.closeBlocking()
    }

    @Test func crashAtEveryOperationWhileMergingCostsNothing() throws {
        func live(on disk: SimulatedDisk, _ bench: Bench) -> [Int] {
            var configuration = bench.configuration
            Self.configure(&configuration)
            configuration.randomBits = { 0x5EED }
            guard let log = try? Log.openBlocking(at: "/store", configuration: configuration, disk: disk)
            else {
                return []
            }
            var stored: [Int] = []
            for number in 1 ... 26 {
                guard (try? log.appendBlocking(Self.commit(number))) != nil else { break }
                stored.append(number)
            }
            // What the background does is crashed into as well.
            log.finishHousekeeping()
            return stored
        }
        let bench = try Self.bench()
        let whole = SimulatedDisk()
        #expect(live(on: whole, bench).count == 26)
        #expect(try whole.list(Self.folder) == Self.names(8))
        for mutation in TestEffort.steps(40 ... whole.mutationCount) {
            let disk = SimulatedDisk()
            disk.stop(afterMutation: mutation)
            let stored = live(on: disk, bench)
            let crash: SimulatedCrash =
                mutation % 2 == 0 ? .losingEverythingUnsynced : .arbitrary(seed: UInt64(mutation))
            let found = disk.crash(crash)
            let comment: Comment = "mutation \(mutation), crash \(crash)"
            var configuration = bench.configuration
            Self.configure(&configuration)
            let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: found)
            let count = try log.numbers().count
            #expect(count == stored.count || count == stored.count + 1, comment)
            if count > 0 {
                try check(log, through: count, comment)
                try checkRepetitions(log, through: count, comment)
            }
            _ = try log.appendBlocking(Self.commit(1000))
            try log.closeBlocking()
            #expect(try Log.verify(at: "/store", disk: found).findings.isEmpty, comment)
            #expect(try !found.list(Self.folder).contains { $0.hasSuffix(".new") }, comment)
        }
    }

    /// A store of nine sealed segments under three index files, closed.
    private func mergedStore() throws -> (bench: Bench, disk: SimulatedDisk, last: Int) {
        let bench = try Self.bench()
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open(.createOrOpen, Self.configure)
        let last = try fill(log, segmentCount: 9, on: disk)
        try Self.settle(log, on: disk, sealedCount: 9)
        try log.closeBlocking()
        return (bench, disk, last)
    }

    @Test func filesThatOthersCoverAreDeletedByAWriterAlone() throws {
        let (bench, disk, last) = try mergedStore()
        let names = try disk.list(Self.folder)
        // As a crash leaves them that loses the deletions.
        for name in [
            "0000000002.index", "0000000006.index", "0000000099.index", "0000000001-0000000002.index",
        ] {
            let file = try disk.open(Self.folder + "/" + name, .createNew)
            try file.write([UInt8](repeating: 7, count: 8192), at: 0)
        }
        let stray = Self.folder + "/0000000001-18446744073709551615.index"
        _ = try disk.open(stray, .createNew)
        let reader = try bench.open(.readOnly, Self.configure)
        try check(reader, through: last, "read only")
        #expect(try disk.list(Self.folder).count == names.count + 5)
        let log = try bench.open(.openExisting, Self.configure)
        #expect(try disk.list(Self.folder) == names)
        try check(log, through: last, "opened for writing")
        try log.closeBlocking()
    }

    @Test func damagedBlockOfAMergedFileIsMadeAgain() throws {
        let (bench, disk, last) = try mergedStore()
        let path = Self.folder + "/0000000001-0000000004.index"
        let blockCount = try #require(disk.contents(of: path)).count / IndexFormat.blockSize
        for block in 0 ..< blockCount {
            let found = disk.crashKeepingEverything()
            found.corrupt(path, at: block * IndexFormat.blockSize + 5, bit: 1)
            let comment: Comment = "block \(block)"
            let findings = try Log.verify(at: "/store", disk: found).findings
            #expect(findings.map(\.kind) == [.index], comment)
            #expect(findings.map(\.subject) == [.index], comment)
            var configuration = bench.configuration
            Self.configure(&configuration)
            let reader = try Log.openBlocking(
                at: "/store", access: .readOnly, configuration: configuration, disk: found)
            try check(reader, through: last, comment)
            let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: found)
            try check(log, through: last, comment)
            try checkRepetitions(log, through: last, comment)
            try log.closeBlocking()
            #expect(try Log.verify(at: "/store", disk: found).isWhole, comment)
        }
    }

    /// Frames are lost and the index with them: then nobody can say what an aggregate consists of.
    @Test func damagedFileOverDamagedFramesIsNotAnsweredFrom() throws {
        let (bench, disk, last) = try mergedStore()
        let frames = try #require(disk.contents(of: "/store/segments/0000000002.segment"))
        disk.corrupt("/store/segments/0000000002.segment", at: 20_000, bit: 3)
        #expect(frames[20_000] != 0)
        // While the index is whole, what is whole can be found.
        let log = try bench.open(.readOnly, Self.configure)
        let newest = try log.readBlocking(
            EventQuery(.aggregate(Story.aggregate(last % 7)), direction: .backwards, limit: 1))
        #expect(newest.events.compactMap(Story.number) == [last])
        try disk.delete(Self.folder + "/0000000001-0000000004.index")
        let reader = try bench.open(.readOnly, Self.configure)
        #expect(throws: StoreError.self) {
            try reader.readBlocking(EventQuery(.aggregate(Story.aggregate(last % 7))))
        }
        let writer = try bench.open(.openExisting, Self.configure)
        #expect(throws: StoreError.self) { try writer.appendBlocking(Self.commit(1)) }
    }

    @Test func readerBesideAWriterThatMergesSeesEverything() throws {
        let bench = try Self.bench()
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open(.createOrOpen, Self.configure)
        var last = try fill(log, segmentCount: 3, on: disk)
        let reader = try bench.open(.readOnly, Self.configure)
        for segmentCount in [5, 9, 20, 34] {
            last = try fill(log, from: last + 1, segmentCount: segmentCount, on: disk)
            try check(reader, through: last, "beside the writer")
            try Self.settle(log, on: disk, sealedCount: segmentCount)
            try check(try bench.open(.readOnly, Self.configure), through: last, "opened beside the writer")
        }
        try log.closeBlocking()
        try check(reader, through: last, "after the writer")
    }
}
