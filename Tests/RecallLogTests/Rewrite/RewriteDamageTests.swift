// Bytes that are not what was written, in the old file or in the new: neither is replaced by, or replaces, the other.

import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct RewriteDamageTests {
    @Test func damagedSegmentIsNotRewrittenAndIsReportedAsBefore() throws {
        let store = try RewriteStore(.simulated, commitCount: 560)
        let disk = try #require(store.disk as? SimulatedDisk)
        for offset in [5200, 20_000, 40_000] {
            let damaged = disk.crashKeepingEverything()
            damaged.corrupt("/store/segments/0000000002.segment", at: offset, bit: 3)
            let before = try Log.verify(at: "/store", disk: damaged)
            #expect(before.findings.contains { $0.kind == .frames && $0.segment == 2 })
            let log = try store.open(on: damaged)
            log.finishHousekeeping()
            let rewritten = try store.rewritten(on: damaged)
            // Neither the damaged one nor the last.
            let expected = rewritten.indices.map { $0 != 1 && $0 + 1 < rewritten.count }
            #expect(rewritten == expected && rewritten.count > 3, "\(offset)")
            let error = #expect(throws: StoreError.self) { try log.allEvents() }
            #expect(error?.damagedPositions == before.findings.first?.positions)
            try log.closeBlocking()
            #expect(try Log.verify(at: "/store", disk: damaged).findings == before.findings)
        }
    }

    /// The rewriter compares a segment with what it has made of it: it does not mend what it has not been told of.
    @Test(arguments: [0, 1])
    func segmentWithADamagedCopyOfItsHeaderIsNotRewritten(copy: Int) throws {
        let store = try RewriteStore(.simulated, commitCount: 650)
        let disk = try #require(store.disk as? SimulatedDisk)
        disk.corrupt(
            "/store/segments/0000000002.segment", at: HeaderCopies.offset(ofCopy: copy) + 300, bit: 3)
        let log = try store.open(on: disk)
        log.finishHousekeeping()
        for number in [1, 3] { #expect(try store.header(number, on: disk).isRewritten) }
        try log.closeBlocking()
        let findings = try Log.verify(at: "/store", disk: disk).findings
        #expect(findings.map(\.subject) == [.segmentHeader])
        #expect(findings.map(\.segment) == [2])
        #expect(findings.map(\.offset) == [HeaderCopies.offset(ofCopy: copy)])
    }

    /// A segment with its new file, written and not yet checked.
    private struct Replacement {
        let disk: SimulatedDisk
        let old: SegmentFile
        let new: SegmentFile
        let endPosition: UInt64
        let endOffset: Int
        static let path = "/store/segments/0000000001.segment.new"

        init(_ store: RewriteStore) throws {
            disk = try #require(store.disk as? SimulatedDisk).crashKeepingEverything()
            let layout = DirectoryLayout(path: "/store", disk: disk, isReadOnly: false)
            let storeID = try store.header(1, on: disk).storeID
            old = try layout.openSegment(1, storeID: storeID)
            endPosition = try layout.openSegment(2, storeID: storeID).header.firstPosition
            let rewriter = try SegmentRewriter(old, endPosition: endPosition, randomBits: 7)
            let file = try layout.makeReplacement(ofSegment: 1)
            let header = try rewriter.write(to: file)
            new = try SegmentFile(header: header, file: file, start: 0)
            endOffset = try RewriteCheck(old: old, new: new).index(endPosition: endPosition).coverage
                .endOffset
        }

        func check() throws(RewriteError) -> ActiveIndex {
            try RewriteCheck(old: old, new: new).index(endPosition: endPosition)
        }
    }

    @Test func flippedBitAnywhereInTheNewFileIsFoundBeforeItCounts() throws {
        let replacement = try Replacement(try RewriteStore(.simulated, commitCount: 200))
        let size = try #require(replacement.disk.contents(of: Replacement.path)).count
        #expect(replacement.endOffset < size)
        var offsets = Array(stride(from: 0, to: size, by: 61))
        offsets += Array(0 ..< 100) + Array(replacement.endOffset - 40 ..< replacement.endOffset + 20)
        for offset in TestEffort.steps(offsets) {
            replacement.disk.corrupt(Replacement.path, at: offset, bit: offset % 8)
            #expect(throws: RewriteError.self, "offset \(offset)") { try replacement.check() }
            replacement.disk.corrupt(Replacement.path, at: offset, bit: offset % 8)
        }
        #expect(throws: Never.self) { try replacement.check() }
    }

    @Test func damageThatTheOldFileGotMeanwhileIsNoReasonToReplaceIt() throws {
        let replacement = try Replacement(try RewriteStore(.simulated, commitCount: 200))
        replacement.disk.corrupt("/store/segments/0000000001.segment", at: 30_000, bit: 1)
        #expect(throws: RewriteError.self) { try replacement.check() }
    }

    @Test func fileOfAnotherSegmentDoesNotPassTheCheck() throws {
        let store = try RewriteStore(.simulated, commitCount: 500)
        let replacement = try Replacement(store)
        let layout = DirectoryLayout(path: "/store", disk: replacement.disk, isReadOnly: false)
        let other = try layout.openSegment(2, storeID: replacement.old.header.storeID)
        #expect(throws: RewriteError.self) {
            try RewriteCheck(old: other, new: replacement.new).index(endPosition: replacement.endPosition)
        }
        #expect(throws: RewriteError.self) {
            try RewriteCheck(old: replacement.old, new: replacement.new)
                .index(endPosition: replacement.endPosition - 1)
        }
    }

    @Test func saltOfTheNewFileIsNeverThatOfTheOld() throws {
        let store = try RewriteStore(.simulated, commitCount: 200)
        let disk = try #require(store.disk as? SimulatedDisk)
        let layout = DirectoryLayout(path: "/store", disk: disk, isReadOnly: false)
        let old = try layout.openSegment(1, storeID: store.header(1, on: disk).storeID)
        let end = try layout.openSegment(2, storeID: old.header.storeID).header.firstPosition
        let rewriter = try SegmentRewriter(old, endPosition: end, randomBits: UInt64(old.header.salt))
        let header = try rewriter.write(to: layout.makeReplacement(ofSegment: 1))
        #expect(header.salt != old.header.salt)
    }
}
