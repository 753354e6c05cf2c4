// Every case of recovery, made by hand and met: so that none is a word without a meaning, and that docs/format.md has
// a row for each and no other.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct RecoveryCaseTests {
    typealias Subject = RecoveryTableTests.Subject

    /// The cases in which a writer is refused.
    private static let refusals: Set<RecoveryCase> = [
        .strangerFound, .headerMissing, .headerDamaged, .segmentMissing, .segmentDamaged, .segmentMisplaced,
        .lastSegmentMissing, .lastSegmentReplaced, .rotProvedByWatermark, .rotProvedByEpoch,
        .lossProvedByMark, .lossProvedByIndex, .markContradicted, .contentUnreadable,
    ]

    @Test(arguments: RecoveryCase.allCases)
    func caseIsMetAndAnsweredAsItsRowSays(expected: RecoveryCase) throws {
        let found = try meet(expected)
        #expect(found.cases.contains(expected), "\(found.cases)")
        if let isRefused = found.isRefused { #expect(isRefused == Self.refusals.contains(expected)) }
    }

    /// One to one: a case without a row is not explained, a row without a case is not tested.
    @Test func documentedRowsAreTheCases() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
            .standardized
        let page = try String(contentsOf: root.appending(path: "docs/format.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "## What opening does").dropFirst().first)
            .components(separatedBy: "\n## ")[0]
        let rows = section.split(separator: "\n").compactMap { line -> String? in
            line.firstMatch(of: /^\| `(\w+)` \|/).map { String($0.1) }
        }
        #expect(rows == RecoveryCase.allCases.map { "\($0)" })
    }

    @Test func whatACrashLeadsToIsNoDamage() {
        #expect(CrashTests.casesOfACrash.isDisjoint(with: Self.refusals))
        #expect(CrashTests.casesOfUnsyncedCommits.isDisjoint(with: Self.refusals))
    }

    // MARK: One subject for each case

    private struct Found {
        var cases: Set<RecoveryCase>
        /// Nil where no writer was asked.
        var isRefused: Bool?
    }

    private func open(
        _ disk: any Disk, _ access: LogAccess = .createOrOpen, segmentBytesMax: Int = 64 << 10
    ) -> Found {
        let recorder = RecoveryCaseRecorder()
        var configuration = LogConfiguration()
        configuration.segmentBytesMax = segmentBytesMax
        configuration.readerThreadCount = 1
        recorder.observe(&configuration)
        let log = try? Log.openBlocking(
            at: "/store", access: access, configuration: configuration, disk: disk)
        return Found(cases: recorder.cases, isRefused: access == .readOnly ? nil : log == nil)
    }

    /// The cases that a scan of the first segment meets.
    private func scan(_ disk: SimulatedDisk, successorPosition: UInt64? = nil) throws -> Found {
        let layout = DirectoryLayout(path: "/store", disk: disk, isReadOnly: true)
        let header = try #require(try layout.readStoreHeader())
        let file = try layout.openSegment(1, storeID: header.storeID)
        let successor = try layout.openSegment(2, storeID: header.storeID)
        let scan = try SegmentScan(
            file, from: IndexCoverage(startOf: file.header),
            successorPosition: successorPosition ?? successor.header.firstPosition)
        return Found(cases: Set(scan.cases.all), isRefused: nil)
    }

    /// A closed store of several segments, and where frames of the first begin, the seal last.
    private func severalSegments() throws -> (disk: SimulatedDisk, offsets: [Int]) {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        for number in 1 ... 40 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: 1, noise: 4000)]))
        }
        try log.close()
        let disk = try #require(bench.disk as? SimulatedDisk)
        try #require(disk.list("/store/segments").count > 1)
        let bytes = try #require(disk.contents(of: Subject.segment))
        let header = try bytes.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
        var chain = FrameChain(IndexCoverage(startOf: header), in: SegmentContext(header: header))
        var offsets: [Int] = []
        bytes.withUnsafeBytes { buffer in
            while let link = try? chain.next(buffer.bytes) { offsets.append(link.frame.offset) }
        }
        return (disk, offsets)
    }

    private func lastSegment(_ disk: SimulatedDisk) throws -> String {
        "/store/segments/" + (try #require(disk.list("/store/segments").last))
    }

    private func meet(_ wanted: RecoveryCase) throws -> Found {
        switch wanted {
        case .storeMissing, .creationInterrupted, .strangerFound, .headerMissing, .headerDamaged,
            .unfinishedFile:
            return open(try store(wanted))
        case .logEmpty, .segmentMissing, .segmentDamaged, .segmentMisplaced, .lastSegmentMissing,
            .lastSegmentReplaced:
            return open(try segments(wanted))
        case .tailIndexMissing, .tailIndexUsed, .tailIndexIgnored, .dictionaryCopyDamaged:
            return open(try derived(wanted))
        case .dictionaryLost:
            // Commits of the tail refer to it, so that a writer may or may not be refused: by what they prove.
            return open(try derived(wanted), .readOnly)
        case .end, .tornFrame, .tornGroup, .rotProvedByWatermark, .rotProvedByEpoch,
            .lossProvedByMark, .markContradicted, .contentUnreadable, .sealed:
            return open(try ending(wanted))
        case .lossProvedByIndex:
            return open(try derived(wanted))
        case .limit:
            let subject = try Subject()
            let writer = try subject.open()
            _ = try writer.appendBlocking(Story.commit(11 ... 11, of: 1))
            return open(subject.disk, .readOnly)
        case .rotBeforeSuccessor:
            let (disk, offsets) = try severalSegments()
            disk.corrupt(Subject.segment, at: offsets[2] + 20, bit: 1)
            return try scan(disk)
        case .sealLost:
            let (disk, offsets) = try severalSegments()
            disk.corrupt(Subject.segment, at: try #require(offsets.last) + 2, bit: 1)
            return try scan(disk)
        case .sealMisplaced:
            return try scan(severalSegments().disk, successorPosition: 1000)
        }
    }

    private func store(_ wanted: RecoveryCase) throws -> SimulatedDisk {
        if wanted == .storeMissing { return SimulatedDisk() }
        if wanted == .creationInterrupted || wanted == .strangerFound {
            let disk = SimulatedDisk()
            try disk.createDirectory("/store")
            try disk.createDirectory("/store/segments")
            if wanted == .strangerFound { try disk.put([1], at: "/store/letter") }
            return disk
        }
        let disk = try Subject().disk
        switch wanted {
        case .headerMissing: try disk.delete("/store/store")
        case .headerDamaged:
            for copy in [0, 1] {
                disk.corrupt("/store/store", at: HeaderCopies.offset(ofCopy: copy) + 17, bit: 0)
            }
        default: try disk.put([1], at: "/store/segments/0000000002.segment.new")
        }
        return disk
    }

    private func segments(_ wanted: RecoveryCase) throws -> SimulatedDisk {
        if wanted == .logEmpty {
            let disk = SimulatedDisk()
            _ = open(disk)
            return disk.crashKeepingEverything()
        }
        if wanted == .lastSegmentMissing || wanted == .lastSegmentReplaced {
            let disk = try severalSegments().disk
            let last = try lastSegment(disk)
            if wanted == .lastSegmentMissing {
                try disk.delete(last)
                return disk
            }
            // The same segment of another store's life: all is in order but for the salt.
            let bytes = try #require(disk.contents(of: last))
            var header = try bytes.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
            header.salt ^= 1
            var writer = ByteWriter(capacity: Format.headerCopiesSize)
            header.encode(to: &writer)
            let file = try disk.open(last, .readWrite)
            try writer.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: 0) }
            return disk
        }
        let subject = try Subject()
        let second = "/store/segments/0000000002.segment"
        switch wanted {
        case .segmentMissing: try subject.disk.rename(Subject.segment, to: second)
        case .segmentDamaged:
            for copy in [0, 1] {
                subject.disk.corrupt(Subject.segment, at: HeaderCopies.offset(ofCopy: copy) + 50, bit: 0)
            }
        default:
            let disk = try severalSegments().disk
            let bytes = try #require(disk.contents(of: lastSegment(disk)))
            var header = try bytes.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
            header.number += 1
            header.firstPosition = 1
            header.dictionarySize = 0
            var writer = ByteWriter(capacity: Format.headerCopiesSize)
            header.encode(to: &writer)
            let file = try disk.open("/store/segments/000000000\(header.number).segment", .createNew)
            try file.preallocate(size: header.capacity)
            try writer.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: 0) }
            return disk
        }
        return subject.disk
    }

    private func derived(_ wanted: RecoveryCase) throws -> SimulatedDisk {
        if wanted == .dictionaryCopyDamaged || wanted == .dictionaryLost {
            let disk = try severalSegments().disk
            let path = try lastSegment(disk)
            let bytes = try #require(disk.contents(of: path))
            let header = try bytes.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
            try #require(header.dictionarySize > 0)
            disk.corrupt(path, at: SegmentDictionary.offset(ofCopy: 0, in: header) + 40, bit: 0)
            if wanted == .dictionaryLost {
                disk.corrupt(path, at: SegmentDictionary.offset(ofCopy: 1, in: header) + 40, bit: 0)
            }
            return disk
        }
        let subject = try Subject()
        if wanted == .tailIndexMissing { return subject.disk }
        var configuration = subject.bench.configuration
        configuration.checkpointFrameCountMin = 1
        let log = try Log.openBlocking(at: "/store", configuration: configuration, disk: subject.disk)
        _ = try log.appendBlocking(Story.commit(11 ... 11, of: 1))
        try log.close()
        if wanted == .tailIndexIgnored {
            subject.disk.corrupt("/store/indexes/0000000001.index", at: 70, bit: 0)
        }
        if wanted == .lossProvedByIndex {
            // The last commit and the close behind it; and no mark tells.
            let end = subject.offsets[10]
            try subject.write([UInt8](repeating: 0, count: 400), at: end)
            try subject.disk.loseMarks()
        }
        return subject.disk
    }

    private func ending(_ wanted: RecoveryCase) throws -> SimulatedDisk {
        if wanted == .sealed {
            let disk = try severalSegments().disk
            try disk.delete(lastSegment(disk))
            try disk.loseMarks()
            return disk
        }
        if wanted == .lossProvedByMark || wanted == .markContradicted {
            return try otherCopy(of: Subject(), isOlder: wanted == .lossProvedByMark)
        }
        let subject = try Subject()
        let end = subject.offsets[10]
        switch wanted {
        case .end: break
        case .tornFrame:
            try subject.write([UInt8](repeating: 0, count: 20), at: end - 20)
        case .tornGroup:
            let lost = subject.frame(11, at: end, position: 11, durable: 10)
            try subject.write(
                subject.frame(12, at: end + lost.count, position: 12, durable: 10), at: end + lost.count)
        case .contentUnreadable:
            try subject.write(subject.unreadableFrame(11, at: end, position: 11), at: end)
        case .rotProvedByWatermark:
            subject.disk.corrupt(Subject.segment, at: subject.offsets[4] + 20, bit: 3)
        default:
            let log = try subject.open()
            _ = try log.appendBlocking(Story.commit(11 ... 11, of: 1))
            let disk = subject.disk.crashKeepingEverything()
            disk.corrupt(Subject.segment, at: end + 2, bit: 0)
            return disk
        }
        return subject.disk
    }

    /// A store whose tail is replaced by its copy of before the last session, or by that of a copy of the store that went on by itself.
    private func otherCopy(of subject: Subject, isOlder: Bool) throws -> SimulatedDisk {
        let fork = subject.disk.kill()
        func live(_ numbers: ClosedRange<Int>, on disk: SimulatedDisk) throws {
            let log = try Log.openBlocking(
                at: "/store", configuration: subject.bench.configuration, disk: disk)
            for number in numbers { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
            try log.close()
        }
        try live(11 ... 12, on: subject.disk)
        if !isOlder { try live(21 ... 26, on: fork) }
        try subject.write(try #require(fork.contents(of: Subject.segment)), at: 0)
        return subject.disk
    }
}
