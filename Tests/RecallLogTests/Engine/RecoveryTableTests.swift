// The table of docs/format.md, "What opening does", case by case: bytes are laid out as each case says,
// and opening must do what its row says, no more and no less.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct RecoveryTableTests {
    /// A store of ten one-event commits, not closed, and where each frame lies.
    struct Subject {
        let disk: SimulatedDisk
        let bench: Bench
        let header: SegmentHeader
        /// Offsets of the commit frames, and behind them the end.
        let offsets: [Int]

        static let segment = "/store/segments/0000000001.segment"

        init() throws {
            bench = try Bench(.simulated)
            let log = try bench.open()
            for number in 1 ... 10 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
            disk = try #require(bench.disk as? SimulatedDisk).crashKeepingEverything()
            let bytes = try #require(disk.contents(of: Self.segment))
            header = try bytes.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
            var offsets: [Int] = []
            var chain = FrameChain(IndexCoverage(startOf: header), in: SegmentContext(header: header))
            bytes.withUnsafeBytes { buffer in
                while let link = try? chain.next(buffer.bytes) {
                    if link.commit != nil { offsets.append(link.frame.offset) }
                }
            }
            offsets.append(chain.offset)
            self.offsets = offsets
            try #require(offsets.count == 11)
        }

        func open(_ access: LogAccess = .createOrOpen) throws(StoreError) -> Log {
            try Log.openBlocking(
                at: bench.path, access: access, configuration: bench.configuration, disk: disk)
        }

        func write(_ bytes: [UInt8], at offset: Int) throws {
            try disk.open(Self.segment, .readWrite).write(bytes.span.bytes, at: offset)
        }

        func bytes(_ range: Range<Int>) throws -> [UInt8] {
            Array(try #require(disk.contents(of: Self.segment))[range])
        }

        /// A frame whose checksum holds, and whose stream has a number that no dictionary gives a meaning.
        func unreadableFrame(_ number: Int, at offset: Int, position: UInt64) -> [UInt8] {
            var bytes = frame(number, at: offset, position: position, durable: position - 1)
            // Behind checksum, head, size, epoch and position: the time 0, then the number of the stream.
            let place = Format.frameHeadOffset + 1 + 1 + 1 + 1 + 1
            bytes[place] = 9
            return TestFrame.sealed(bytes, at: offset, in: header)
        }

        /// A frame as a writer would make it, for a place and with a watermark of choice.
        func frame(
            _ number: Int, at offset: Int, position: UInt64, durable: UInt64, epoch: UInt32 = 1,
            salt: UInt32? = nil
        ) -> [UInt8] {
            var header = header
            if let salt { header.salt = salt }
            return TestFrame.commit(
                Story.event(number, of: 1), at: offset, position: position, durable: durable, epoch: epoch,
                version: position, time: header.baseTime, in: header)
        }
    }

    @Test func nothingBehindTheEndIsTheEnd() throws {
        let subject = try Subject()
        let log = try subject.open()
        #expect(try log.numbers() == Array(1 ... 10))
        _ = try log.appendBlocking(Story.commit(11 ... 11, of: 1))
        #expect(try log.numbers() == Array(1 ... 11))
    }

    @Test func tornTrailingFrameIsCutOff() throws {
        let subject = try Subject()
        // The last frame, never followed by one that says it was durable, loses its second half.
        let middle = (subject.offsets[9] + subject.offsets[10]) / 2
        try subject.write([UInt8](repeating: 0, count: subject.offsets[10] - middle), at: middle)
        let log = try subject.open()
        #expect(try log.numbers() == Array(1 ... 9))
        let receipt = try log.appendBlocking(Story.commit(20 ... 20, of: 1))
        #expect(receipt.lastPosition == 10)
        #expect(receipt.version(of: Story.aggregate(1)) == 10)
    }

    @Test func wholeFramesBehindATornOneNeverComeBack() throws {
        let subject = try Subject()
        let end = subject.offsets[10]
        // A group of three whose first frame was lost: nothing says that any was durable beyond 10.
        let first = subject.frame(11, at: end, position: 11, durable: 10)
        let second = subject.frame(12, at: end + first.count, position: 12, durable: 10)
        let third = subject.frame(13, at: end + first.count + second.count, position: 13, durable: 10)
        try subject.write(second + third, at: end + first.count)
        var log = try subject.open()
        #expect(try log.numbers() == Array(1 ... 10))
        // New commits grow over the lost ones, one frame at a time; after each a crash.
        var disk = subject.disk
        for number in 20 ... 24 {
            _ = try log.appendBlocking(Story.commit(number ... number, of: 1))
            let expected = Array(1 ... 10) + Array(20 ... number)
            #expect(try log.numbers() == expected)
            disk = disk.crashKeepingEverything()
            log = try Log.openBlocking(at: "/store", configuration: subject.bench.configuration, disk: disk)
            #expect(try log.numbers() == expected)
        }
    }

    @Test func damageThatALaterFrameProvesIsReportedAndRefusesAppends() throws {
        let subject = try Subject()
        subject.disk.corrupt(Subject.segment, at: subject.offsets[4] + 20, bit: 3)
        let error = #expect(throws: StoreError.self) { try subject.open() }
        #expect(error?.code == .damaged)
        #expect(error?.damagedPositions == 5 ... 5)
        // The rest stays readable, and reading everything fails at the damage, not in silence.
        let log = try subject.open(.readOnly)
        #expect(try log.readBlocking(EventQuery(positions: 1 ... 4)).events.count == 4)
        #expect(
            try log.readBlocking(EventQuery(positions: 6 ... 10)).events.compactMap(Story.number)
                == Array(6 ... 10))
        let readError = #expect(throws: StoreError.self) { try log.allEvents() }
        #expect(readError?.damagedPositions == 5 ... 5)
        // Whose the lost event was is not known, so no aggregate can be read as if it were whole.
        #expect(throws: StoreError.self) { try log.readBlocking(EventQuery(.aggregate(Story.aggregate(1)))) }
    }

    @Test func damageOfSeveralFramesNamesAllTheirPositions() throws {
        let subject = try Subject()
        try subject.write(
            [UInt8](repeating: 0xFF, count: subject.offsets[6] - subject.offsets[2]), at: subject.offsets[2])
        let error = #expect(throws: StoreError.self) { try subject.open() }
        #expect(error?.damagedPositions == 3 ... 6)
    }

    @Test func zeroedFrameInTheMiddleIsDamageAndNotTheEnd() throws {
        let subject = try Subject()
        try subject.write(
            [UInt8](repeating: 0, count: subject.offsets[3] - subject.offsets[2]), at: subject.offsets[2])
        let error = #expect(throws: StoreError.self) { try subject.open() }
        #expect(error?.damagedPositions == 3 ... 3)
    }

    @Test func frameOfALaterSessionProvesThatItsOpeningWasDurable() throws {
        let subject = try Subject()
        var log = try subject.open()
        _ = try log.appendBlocking(Story.commit(11 ... 11, of: 1))
        log = try Log.openBlocking(
            at: "/store", access: .readOnly, configuration: subject.bench.configuration, disk: subject.disk)
        // The second session's opening frame is damaged: no event is lost with it, yet it was synced.
        let disk = subject.disk.crashKeepingEverything()
        disk.corrupt(Subject.segment, at: subject.offsets[10] + 2, bit: 0)
        let error = #expect(throws: StoreError.self) {
            try Log.openBlocking(at: "/store", configuration: subject.bench.configuration, disk: disk)
        }
        #expect(error?.code == .damaged)
        #expect(error?.damagedPositions == nil)
        let readable = try Log.openBlocking(
            at: "/store", access: .readOnly, configuration: subject.bench.configuration, disk: disk)
        #expect(try readable.lastPositionBlocking() == 11)
    }

    /// Frames that hold but do not belong: each must be left out.
    @Test(arguments: [
        "other salt", "other place", "lesser epoch", "greater epoch", "position gap", "same position",
    ])
    func frameThatDoesNotBelongIsNotTaken(_ what: String) throws {
        let subject = try Subject()
        // A second session, so that there is a lesser epoch.
        let session = try subject.open()
        _ = try session.appendBlocking(Story.commit(11 ... 11, of: 1))
        let disk = subject.disk.crashKeepingEverything()
        let bytes = try #require(disk.contents(of: Subject.segment))
        var chain = FrameChain(
            IndexCoverage(startOf: subject.header), in: SegmentContext(header: subject.header))
        bytes.withUnsafeBytes { buffer in while (try? chain.next(buffer.bytes)) != nil {} }
        let end = chain.offset
        let frame =
            switch what {
            case "other salt": subject.frame(12, at: end, position: 12, durable: 11, epoch: 2, salt: 7)
            case "other place": subject.frame(12, at: end + 8, position: 12, durable: 11, epoch: 2)
            case "lesser epoch": subject.frame(12, at: end, position: 12, durable: 11, epoch: 1)
            case "greater epoch": subject.frame(12, at: end, position: 12, durable: 10, epoch: 3)
            case "position gap": subject.frame(12, at: end, position: 13, durable: 10, epoch: 2)
            default: subject.frame(12, at: end, position: 11, durable: 10, epoch: 2)
            }
        try disk.open(Subject.segment, .readWrite).write(frame.span.bytes, at: end)
        let log = try Log.openBlocking(
            at: "/store", access: .readOnly, configuration: subject.bench.configuration, disk: disk)
        #expect(try log.lastPositionBlocking() == 11)
        #expect(
            try log.readBlocking(EventQuery(limit: 11)).events.compactMap(Story.number) == Array(1 ... 11))
    }

    @Test func sealedTailGoesOnInTheNextSegment() throws {
        let bench = try Bench(.simulated)
        var log = try bench.open()
        for number in 1 ... 3000 {
            _ = try log.appendBlocking(Story.commit(number ... number, of: number % 7))
        }
        let simulated = try #require(bench.disk as? SimulatedDisk)
        let disk = simulated.crashKeepingEverything()
        let names = try disk.list("/store/segments")
        try #require(names.count > 1)
        // As if the power had failed after the seal and before the next segment had its name.
        let last = try #require(names.last)
        try disk.delete("/store/segments/" + last)
        try disk.loseMarks()
        log = try Log.openBlocking(at: "/store", configuration: bench.configuration, disk: disk)
        let count = try log.lastPositionBlocking().rawValue
        #expect(try log.numbers() == Array(1 ... Int(count)))
        _ = try log.appendBlocking(Story.commit(9000 ... 9000, of: 1))
        #expect(try disk.list("/store/segments").contains(last))
        #expect(try log.numbers() == Array(1 ... Int(count)) + [9000])
    }

    /// An index of a whole segment was made when it was read, and then a crash took the name of the next segment, which
    /// was in the cache alone. Opening believed the index, looked only behind the seal, saw zeros, and appended there: where
    /// no reader looks.
    @Test func sealThatAnIndexCoversIsFoundAllTheSame() throws {
        let bench = try Bench(.simulated)
        var log = try bench.open()
        for number in 1 ... 3000 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
        log.finishHousekeeping()
        try log.close()
        let disk = try #require(bench.disk as? SimulatedDisk)
        let names = try disk.list("/store/segments")
        try #require(names.count > 2)
        let last = try #require(names.last)
        #expect(try disk.list("/store/indexes").contains { $0.contains(names[names.count - 2].prefix(10)) })
        try disk.delete("/store/segments/" + last)
        try disk.loseMarks()
        log = try Log.openBlocking(at: "/store", configuration: bench.configuration, disk: disk)
        let count = Int(try log.lastPositionBlocking().rawValue)
        _ = try log.appendBlocking(Story.commit(9000 ... 9000, of: 1))
        #expect(try log.numbers() == Array(1 ... count) + [9000])
        #expect(try disk.list("/store/segments").contains(last))
        try log.close()
        #expect(try Log.verify(at: "/store", disk: disk).findings.isEmpty)
    }

    @Test func damagedEndOfASealedSegmentIsReportedWhenRead() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        for number in 1 ... 3000 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
        try log.close()
        let disk = try #require(bench.disk as? SimulatedDisk)
        let name = Subject.segment
        let used = try #require(disk.contents(of: name)).lastIndex { $0 != 0 } ?? 0
        // The seal and the last commits of the first segment.
        for offset in (used - 200) ... used { disk.corrupt(name, at: offset, bit: 1) }
        let second = try #require(disk.contents(of: "/store/segments/0000000002.segment"))
        let header = try second.withUnsafeBytes { try SegmentHeader(decoding: $0.bytes) }
        let reopened = try Log.openBlocking(at: "/store", configuration: bench.configuration, disk: disk)
        let error = #expect(throws: StoreError.self) { try reopened.allEvents() }
        #expect(error?.damagedPositions?.upperBound.rawValue == header.firstPosition - 1)
        let rest = EventQuery(positions: Position(header.firstPosition) ... .last, limit: 5)
        #expect(try reopened.readBlocking(rest).events.first?.position.rawValue == header.firstPosition)
        let report = try Log.verify(at: "/store", disk: disk)
        #expect(report.findings.contains { $0.kind == .frames && $0.segment == 1 && $0.positions != nil })
    }

    @Test func missingSegmentIsReported() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        for number in 1 ... 3000 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
        try log.close()
        try bench.disk.delete(Subject.segment)
        let error = #expect(throws: StoreError.self) { try bench.open() }
        #expect(error?.code == .damaged)
    }
}

extension Log {
    /// Closes on the calling thread: the tests of the engine are synchronous.
    func close() throws(StoreError) { try closeBlocking() }
}
