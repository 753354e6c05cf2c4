// An index whose checksums hold and that says something else than the frames: made by a program with a bug, it would answer appends and
// reads wrongly until somebody deletes it. Verifying holds each entry against the frames.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Testing

@Suite struct VerifyIndexTests {
    /// What is wrong with the index of a segment.
    enum Flaw: String, CaseIterable, Sendable {
        case none
        case eventIDMissing, eventIDInvented, eventIDElsewhere
        case frameMissing, frameInvented, aggregateMissing, aggregateInvented
        case versionWrong, graphPositionWrong
        case positionMissing
        case endsEarlier, otherTime, otherDurablePosition
    }

    @Test(arguments: Flaw.allCases, [false, true])
    func indexThatSaysSomethingElseThanTheFramesIsFound(flaw: Flaw, isOfTail: Bool) throws {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        for number in 1 ... 160 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 1_000)]))
        }
        log.finishHousekeeping()
        try log.closeBlocking()
        let layout = DirectoryLayout(path: bench.path, disk: bench.disk, isReadOnly: false)
        let storeID = try #require(try layout.readStoreHeader()).storeID
        let count = UInt64(try layout.segmentNumbers().count)
        try #require(count > 2)
        let number = isOfTail ? count : 1
        let file = try layout.openSegment(number, storeID: storeID)
        let successor = number < count ? try layout.openSegment(number + 1, storeID: storeID) : nil
        let index = try Self.index(of: file, until: successor?.header.firstPosition, flaw)
        for range in layout.indexRanges() where range.contains(number) { layout.deleteIndex(of: range) }
        let builder = try IndexBuilder([.active(index)], of: [file.header])
        try layout.writeIndex(of: number ... number) { (file) throws(IndexBuildError) in
            try builder.write(to: file)
        }
        let findings = try Log.verify(at: bench.path, disk: bench.disk).findings
        if flaw == .none {
            #expect(findings.isEmpty, "\(findings)")
        } else {
            #expect(findings.count == 1, "\(findings)")
            #expect(findings.first?.subject == .index && findings.first?.segment == number, "\(findings)")
        }
    }

    /// An index of a segment's frames, but for one flaw: from the tenth commit to the fourteenth, which begin a page among them, or at the
    /// last, since what an index says of an aggregate is what its last frame says.
    private static func index(
        of file: SegmentFile, until position: UInt64?, _ flaw: Flaw
    ) throws -> ActiveIndex {
        var index = ActiveIndex(IndexCoverage(startOf: file.header))
        var commitCount = 0
        var total = 0
        _ = try SegmentWalk(file, from: index.coverage, successorPosition: position) {
            (link, _) throws(StoreError) in total += link.commit == nil ? 0 : 1
        }
        let isOfLast = flaw == .versionWrong || flaw == .graphPositionWrong
        _ = try SegmentWalk(
            file, from: index.coverage, successorPosition: position
        ) { (link, bytes) throws(StoreError) in
            index.coverage.frameCount += 1
            index.coverage.endOffset = link.frame.endOffset
            index.coverage.epoch = link.frame.epoch
            index.coverage.nextPosition = link.frame.nextPosition
            index.coverage.durablePosition = max(
                index.coverage.durablePosition, link.frame.durablePosition)
            guard let commit = link.commit else { return }
            commitCount += 1
            let isFlawed = isOfLast ? commitCount == total : (10 ... 14).contains(commitCount)
            try add(commit, bytes, to: &index, isFlawed ? flaw : .none)
            index.coverage.nextPosition = commit.lastPosition + 1
            index.coverage.lastTime = max(index.coverage.lastTime, commit.time)
        }
        switch flaw {
        case .otherTime: index.coverage.lastTime += 1
        case .otherDurablePosition: index.coverage.durablePosition -= 1
        case .endsEarlier: index.coverage.frameCount -= 1
        default: break
        }
        return index
    }

    private static func add(
        _ commit: CommitHeader, _ bytes: RawSpan, to index: inout ActiveIndex, _ flaw: Flaw
    ) throws(StoreError) {
        let offset = commit.frame.offset
        if flaw != .positionMissing {
            index.beginCommit(offset: offset, firstPosition: commit.firstPosition)
        }
        let stranger = RawIdentifier(high: 0xBAD, low: 1)
        do throws(FormatError) {
            for stream in try commit.streams(bytes) {
                var stream = stream
                switch flaw {
                case .frameMissing: continue
                case .aggregateMissing: stream.id = stranger
                case .versionWrong: stream.previousVersion += 1
                case .graphPositionWrong: stream.lastIndex += 1
                default: break
                }
                index.addStream(stream, offset: offset, firstPosition: commit.firstPosition)
                if flaw == .frameInvented {
                    index.addStream(stream, offset: offset + 1, firstPosition: commit.firstPosition)
                }
            }
            if flaw == .aggregateInvented {
                let stream = StreamEntry(
                    id: stranger, root: 0, previousVersion: 0, eventCount: 1, lastIndex: 0)
                index.addStream(stream, offset: offset, firstPosition: commit.firstPosition)
            }
            for id in try commit.eventIDs(bytes) {
                if flaw == .eventIDMissing { continue }
                index.addEventID(id, offset: flaw == .eventIDElsewhere ? offset + 1 : offset)
            }
            if flaw == .eventIDInvented { index.addEventID(stranger, offset: offset) }
        } catch {
            throw StoreError(.damaged, error.reason)
        }
    }
}
