// Sealed segments that are rewritten for density: what is read stays the same, beside whatever goes on.

import Foundation
import Recall
import RecallTestKit
import RecallThreads
import Synchronization
import Testing

@testable import RecallLog

@Suite struct RewriteTests {
    @Test(arguments: Bench.Kind.allCases)
    func everythingReadsTheSameAfterRewriting(kind: Bench.Kind) throws {
        let store = try RewriteStore(kind)
        defer { store.bench.remove() }
        let before = try store.bench.open(.readOnly).inspect()
        let log = try store.open()
        log.finishHousekeeping()
        #expect(try store.rewritten(on: store.disk).dropLast().allSatisfy { $0 })
        #expect(try !store.segmentNames().contains { $0.hasSuffix(".new") })
        try store.check(log, "while it is open")
        let after = try log.inspect()
        #expect(after.eventCount == before.eventCount && after.commitCount == before.commitCount)
        #expect(after.bodyBytes == before.bodyBytes)
        for (old, new) in zip(before.segments.dropLast(), after.segments.dropLast()) {
            #expect(new.eventCount == old.eventCount && new.usedBytes < old.usedBytes * 2 / 3)
            #expect(new.capacityBytes >= new.usedBytes)
        }
        try store.verify()
        try store.checkAppending(log, "while it is open")
        try store.verify()
    }

    @Test(arguments: Bench.Kind.allCases)
    func everythingReadsTheSameInTheNextSession(kind: Bench.Kind) throws {
        let store = try RewriteStore(kind)
        defer { store.bench.remove() }
        let log = try store.open()
        log.finishHousekeeping()
        try log.closeBlocking()
        let again = try store.open()
        let salts = try (1 ... store.segmentNames().count).map { try store.header($0, on: store.disk).salt }
        try store.check(again, "opened again")
        again.finishHousekeeping()
        // What was rewritten is not tried again.
        #expect(try (1 ... salts.count).map { try store.header($0, on: store.disk).salt } == salts)
        try store.checkAppending(again, "opened again")
        try store.verify()
    }

    @Test func sealedSegmentIsRewrittenInTheSessionThatFilledIt() throws {
        let bench = try Bench(.real)
        defer { bench.remove() }
        let log = try bench.open {
            $0.isRewriting = true
            $0.rewriteGainMin = -100
        }
        for number in 1 ... 1500 { _ = try log.appendBlocking(RewriteStore.commit(number)) }
        log.finishHousekeeping()
        let inspection = try log.inspect()
        #expect(inspection.segments.count > 3)
        #expect(inspection.commitCount == 1500)
        try log.closeBlocking()
        #expect(try Log.verify(at: bench.path).findings.isEmpty)
        let file = try bench.disk.open(bench.path + "/segments/0000000001.segment", .readOnly)
        let header = try DiskBytes.read(file, count: Format.headerSize).withBytes {
            try SegmentHeader(decoding: $0)
        }
        #expect(header.isRewritten && header.dictionarySize > 0)
    }

    @Test func segmentThatGainsLittleStaysAsItIs() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open { $0.isRewriting = true }
        for number in 1 ... 200 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 900)]))
        }
        log.finishHousekeeping()
        #expect(try log.numbers() == Array(1 ... 200))
        try log.closeBlocking()
        let file = try bench.disk.open("/store/segments/0000000001.segment", .readOnly)
        let header = try DiskBytes.read(file, count: Format.headerSize).withBytes {
            try SegmentHeader(decoding: $0)
        }
        #expect(!header.isRewritten)
        #expect(try Log.verify(at: "/store", disk: bench.disk).findings.isEmpty)
    }

    @Test(arguments: [true, false])
    func nothingIsRewrittenWhereThatIsOff(isCompressing: Bool) throws {
        let store = try RewriteStore(.simulated, commitCount: 200)
        let log = try store.open {
            $0.isCompressing = isCompressing
            $0.isRewriting = !isCompressing
        }
        log.finishHousekeeping()
        try log.closeBlocking()
        #expect(try store.rewritten(on: store.disk).allSatisfy { !$0 })
    }

    @Test(arguments: Bench.Kind.allCases)
    func readerThatHoldsTheOldFileReadsOn(kind: Bench.Kind) throws {
        let store = try RewriteStore(kind, commitCount: 800)
        defer { store.bench.remove() }
        let log = try store.open()
        var positions: [Position] = []
        try log.replayBlocking { (event, _) throws(StoreError) in
            // From here on the segments that were listed have other files.
            if positions.count == 2 { log.finishHousekeeping() }
            positions.append(event.position)
            return true
        }
        #expect(positions == store.events.map(\.position))
        try store.check(log, "afterwards")
        try log.closeBlocking()
    }

    @Test(arguments: Bench.Kind.allCases)
    func readersBesideRewritingNeverSeeOneFileThroughTheIndexOfAnother(kind: Bench.Kind) throws {
        let store = try RewriteStore(kind, commitCount: 800)
        defer { store.bench.remove() }
        let log = try store.open()
        DispatchQueue.concurrentPerform(iterations: 3) { _ in
            for round in 0 ..< 3 {
                #expect(throws: Never.self) { try store.check(log, "round \(round)") }
            }
        }
        log.finishHousekeeping()
        #expect(try store.rewritten(on: store.disk).dropLast().allSatisfy { $0 })
        try store.checkAppending(log, "afterwards")
    }

    @Test(arguments: Bench.Kind.allCases)
    func readOnlyLogOfAnotherProcessFollowsAcrossARewrite(kind: Bench.Kind) throws {
        let store = try RewriteStore(kind)
        defer { store.bench.remove() }
        let reader = try store.bench.open(.readOnly)
        try store.check(reader, "before")
        let log = try store.open()
        log.finishHousekeeping()
        try store.check(reader, "its files are replaced")
        try store.check(try store.bench.open(.readOnly), "opened beside the writer")
        try store.verify()
        // Segments begin, and with each the reader looks for what was rewritten.
        var count = store.events.count
        for number in 20_001 ... 20_300 {
            let commit = RewriteStore.commit(number)
            _ = try log.appendBlocking(commit)
            count += commit.events.count
            if number % 50 == 0 { log.finishHousekeeping() }
            #expect(try reader.lastPositionBlocking().rawValue == UInt64(count))
        }
        #expect(try reader.allEvents() == log.allEvents())
        for number in 0 ..< RewriteStore.aggregateCount {
            let query = EventQuery(.aggregate(Story.aggregate(number)), pageEventCountMax: 10_000)
            #expect(try reader.readBlocking(query).events == log.readBlocking(query).events)
        }
        try log.closeBlocking()
        #expect(try reader.allEvents().count == count)
    }

    @Test func segmentsUnderAMergedIndexAreRewrittenToo() throws {
        let store = try RewriteStore(.simulated, commitCount: 1000)
        let disk = try #require(store.disk as? SimulatedDisk)
        let names = try disk.list("/store/indexes")
        #expect(names.contains("0000000001-0000000004.index"), "\(names)")
        let log = try store.open()
        try store.check(log, "while the index is divided")
        log.finishHousekeeping()
        #expect(try store.rewritten(on: disk).dropLast().allSatisfy { $0 })
        // And merged again.
        let merged = try disk.list("/store/indexes")
        #expect(merged.contains("0000000001-0000000004.index"), "\(merged)")
        try store.check(log, "afterwards")
        try store.checkAppending(log, "afterwards")
        #expect(try Log.verify(at: "/store", disk: disk).findings.isEmpty)
    }

    @Test(arguments: Bench.Kind.allCases)
    func closeDuringARewriteLeavesAGoodStore(kind: Bench.Kind) throws {
        let store = try RewriteStore(kind, commitCount: 800)
        defer { store.bench.remove() }
        for round in 0 ..< 6 {
            let log = try store.open()
            // Another moment of the rewriting each time; nothing is waited for.
            usleep(UInt32(round) * 3000)
            try log.closeBlocking()
            #expect(try !store.segmentNames().contains { $0.hasSuffix(".new") }, "round \(round)")
            #expect(
                try Log.verify(at: store.bench.path, disk: store.disk).findings.isEmpty, "round \(round)")
            try store.check(try store.bench.open(.readOnly), "round \(round)")
        }
    }

    /// However long a rewriting would take: it ends where it is, and leaves the segment as it was. The close comes while the new file
    /// is begun, and the rewriting goes on only when it has.
    @Test(arguments: [Bench.Kind.real, .simulated])
    func closeDoesNotWaitForALongRewrite(kind: Bench.Kind) throws {
        let store = try RewriteStore(kind)
        defer { store.bench.remove() }
        let opened = Monitor<Log?>(nil)
        let isBegun = Monitor(false)
        let disk = WatchedDisk(store.disk, creating: ".segment.new") {
            isBegun.withLock { $0 = true }
            isBegun.broadcast()
            let log = opened.wait { $0 }
            while !log.contents.isStopping.load(ordering: .relaxed) { sched_yield() }
        }
        let log = try store.open(on: disk)
        opened.withLock { $0 = log }
        opened.broadcast()
        isBegun.wait { $0 ? () : nil }
        try log.closeBlocking()
        opened.withLock { $0 = nil }
        #expect(try !store.rewritten(on: store.disk).contains(true))
        #expect(try !store.segmentNames().contains { $0.hasSuffix(".new") })
        try store.check(try store.bench.open(.readOnly), "afterwards")
        try store.verify()
    }
}
