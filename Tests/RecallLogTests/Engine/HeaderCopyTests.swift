// The headers of stores and segments stand twice: rot in one copy costs nothing and is found by verifying, and neither a
// stranger's copy nor one of a newer program is taken for the store's own.

import Recall
import RecallLog
import RecallTestKit
import Testing

/// A file with a header that stands twice.
enum CopiedHeader: String, CaseIterable, Sendable {
    case store = "/store/store"
    case segment = "/store/segments/0000000001.segment"
    case lastSegment = "/store/segments/0000000002.segment"

    var segmentNumber: UInt64? {
        switch self {
        case .store: nil
        case .segment: 1
        case .lastSegment: 2
        }
    }

    /// What a copy of it is.
    var subject: VerificationFinding.Subject { self == .store ? .storeHeader : .segmentHeader }

    /// What is lost with both copies.
    var subjectWithoutCopies: VerificationFinding.Subject { self == .store ? .storeHeader : .segment }
}

@Suite struct HeaderCopyTests {
    /// A closed store of two segments with an index of both.
    private static func bench() throws -> (bench: Bench, disk: SimulatedDisk) {
        let bench = try Bench(.simulated)
        let log = try bench.open { $0.checkpointFrameCountMin = 1 }
        for number in 1 ... 90 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 800)]))
        }
        log.finishHousekeeping()
        try log.closeBlocking()
        let disk = try #require(bench.disk as? SimulatedDisk)
        try #require(disk.list("/store/segments").count == 2)
        return (bench, disk)
    }

    private static func write(_ bytes: [UInt8], to path: String, at offset: Int, on disk: SimulatedDisk)
        throws
    {
        try disk.open(path, .readWrite).write(bytes.span.bytes, at: offset)
    }

    /// One sector of a header with another format version and a checksum that holds.
    private static func newer(_ path: String, on disk: SimulatedDisk) throws -> [UInt8] {
        var bytes = Array(try #require(disk.contents(of: path)).prefix(Format.headerSize))
        bytes[8] = 2
        let checksum = Checksum.crc32c(bytes.span.bytes.extracting(0 ..< Format.headerChecksumOffset))
        withUnsafeBytes(of: checksum.littleEndian) {
            bytes.replaceSubrange(Format.headerChecksumOffset..., with: $0)
        }
        return bytes
    }

    @Test(arguments: CopiedHeader.allCases, [0, 1])
    func flippedBitInOneCopyCostsNothingAndIsFound(header: CopiedHeader, copy: Int) throws {
        for offset in [0, 9, 12, 20, 33, 41, 50, 64, 300, 510] {
            let (bench, disk) = try Self.bench()
            let place = HeaderCopies.offset(ofCopy: copy)
            disk.corrupt(header.rawValue, at: place + offset, bit: offset % 8)
            let report = try Log.verify(at: "/store", disk: disk)
            #expect(report.findings.map(\.kind) == [.file], "offset \(offset): \(report.findings)")
            #expect(report.findings.first?.subject == header.subject)
            #expect(report.findings.first?.segment == header.segmentNumber)
            #expect(report.findings.first?.offset == place)
            #expect(report.findings.first?.positions == nil)
            #expect(report.eventCount == 90)
            let log = try bench.open()
            #expect(try log.numbers() == Array(1 ... 90))
            let receipt = try log.appendBlocking(Story.commit(91 ... 91, of: 1))
            #expect(receipt.lastPosition == 91)
            try log.closeBlocking()
        }
    }

    @Test(arguments: CopiedHeader.allCases)
    func damageOfBothCopiesIsReported(header: CopiedHeader) throws {
        let (bench, disk) = try Self.bench()
        for copy in 0 ..< 2 {
            disk.corrupt(header.rawValue, at: HeaderCopies.offset(ofCopy: copy) + 18, bit: 1)
        }
        for access in [LogAccess.createOrOpen, .openExisting, .readOnly] {
            let error = #expect(throws: StoreError.self) { try bench.open(access) }
            #expect(error?.code == .damaged)
        }
        let report = try Log.verify(at: "/store", disk: disk)
        #expect(report.findings.map(\.kind) == [.file])
        #expect(report.findings.map(\.subject) == [header.subjectWithoutCopies])
        #expect(report.findings.map(\.segment) == [header.segmentNumber])
    }

    /// A program that falls back to an older copy would write into a store whose rules it does not know.
    @Test(arguments: CopiedHeader.allCases, [true, false])
    func copyOfANewerFormatVersionIsRefusedAndNotPassedOver(header: CopiedHeader, isFirst: Bool) throws {
        let (bench, disk) = try Self.bench()
        let newer = try Self.newer(header.rawValue, on: disk)
        if isFirst {
            try Self.write(newer, to: header.rawValue, at: 0, on: disk)
        } else {
            disk.corrupt(header.rawValue, at: 18, bit: 1)
            try Self.write(newer, to: header.rawValue, at: HeaderCopies.offset(ofCopy: 1), on: disk)
        }
        for access in [LogAccess.createOrOpen, .openExisting, .readOnly] {
            let error = #expect(throws: StoreError.self) { try bench.open(access) }
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("newer") == true)
        }
        let error = #expect(throws: StoreError.self) { try Log.verify(at: "/store", disk: disk) }
        #expect(error?.code == .unsupported)
    }

    /// A sector that was written to the wrong place holds, and is not the segment's.
    @Test func copyOfAnotherSegmentIsNotTaken() throws {
        let (bench, disk) = try Self.bench()
        let other = Array(
            try #require(disk.contents(of: CopiedHeader.lastSegment.rawValue)).prefix(Format.headerSize))
        try Self.write(other, to: CopiedHeader.segment.rawValue, at: 0, on: disk)
        let log = try bench.open(.readOnly)
        #expect(try log.numbers() == Array(1 ... 90))
        let report = try Log.verify(at: "/store", disk: disk)
        #expect(report.findings.map(\.segment) == [1])
        #expect(report.findings.map(\.subject) == [.segmentHeader])
        #expect(report.findings.first?.reason.contains("another") == true)
        try Self.write(other, to: CopiedHeader.segment.rawValue, at: HeaderCopies.offset(ofCopy: 1), on: disk)
        #expect(#expect(throws: StoreError.self) { try bench.open() }?.code == .damaged)
    }

    @Test(arguments: [LogAccess.createOrOpen, .openExisting, .readOnly])
    func segmentsWithoutAStoreHeaderAreDamageAndNoNewStore(access: LogAccess) throws {
        let (bench, disk) = try Self.bench()
        try disk.delete("/store/store")
        let error = #expect(throws: StoreError.self) { try bench.open(access) }
        #expect(error?.code == .damaged)
        #expect(try disk.kind(of: "/store/store") == nil)
        let findings = try Log.verify(at: "/store", disk: disk).findings
        #expect(findings.map(\.kind) == [.file])
        #expect(findings.map(\.subject) == [.storeHeader])
    }

    @Test func damagedCopyOfADictionaryIsFound() throws {
        for copy in 0 ..< 2 {
            let (_, disk) = try Self.bench()
            let path = CopiedHeader.lastSegment.rawValue
            let bytes = try #require(disk.contents(of: path))
            let header = try bytes.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
            try #require(header.dictionarySize > 0)
            let offset = SegmentDictionary.offset(ofCopy: copy, in: header)
            disk.corrupt(path, at: offset + 60, bit: 4)
            let report = try Log.verify(at: "/store", disk: disk)
            #expect(report.findings.map(\.kind) == [.file])
            #expect(report.findings.map(\.subject) == [.dictionary])
            #expect(report.findings.first?.offset == offset)
            #expect(report.eventCount == 90)
        }
    }
}
