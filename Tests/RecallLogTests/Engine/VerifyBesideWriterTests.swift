// Verifying beside a writer looks at what is published, and must not take what it leaves out for damage.

import Recall
import RecallLog
import RecallTestKit
import Synchronization
import Testing

@Suite struct VerifyBesideWriterTests {
    /// A cleanly closed store whose tail has an index: the index covers the close frame, which stands behind the last
    /// published position. Verifying beside a writer that had not appended yet stopped at that position, before the close
    /// frame, and reported that the index "states another end".
    @Test(arguments: Bench.Kind.allCases)
    func idleWriterOverAnIndexedTailIsNoFinding(kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        var log = try bench.open { $0.checkpointFrameCountMin = 1 }
        for number in 1 ... 20 { _ = try log.appendBlocking(Story.commit(number ... number, of: number % 3)) }
        try log.closeBlocking()
        try #require(bench.files.list(bench.path + "/indexes").count == 1)
        log = try bench.open()
        #expect(try Log.verify(at: bench.path, disk: bench.disk).findings.isEmpty)
        _ = try log.appendBlocking(Story.commit(21 ... 21, of: 1))
        let report = try Log.verify(at: bench.path, disk: bench.disk)
        #expect(report.findings.isEmpty)
        #expect(report.eventCount == 21)
        try log.closeBlocking()
    }

    /// A writer that has the lock and has not published anything yet, because it is still finding the end: nothing of the
    /// tail may be looked at, while sealed segments, which no writer is at, are read and compared with their indexes.
    @Test func writerThatHasPublishedNothingIsNoFinding() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open { $0.checkpointFrameCountMin = 1 }
        for number in 1 ... 200 {
            _ = try log.appendBlocking(Commit(events: [Story.event(number, of: number % 3, noise: 800)]))
        }
        log.finishHousekeeping()
        try log.closeBlocking()
        let layout = DirectoryLayout(path: bench.path, disk: bench.disk, isReadOnly: true)
        let header = try #require(try layout.readStoreHeader())
        try #require(layout.segmentNumbers().count > 2)
        var verifier = LogVerifier(layout, progress: nil)
        let report = try verifier.verify(header, limitPosition: 0)
        #expect(report.findings.isEmpty)
        #expect(report.eventCount > 0)
    }

    /// A writer puts another form of a segment in its place while an earlier one is verified: what is read then is verified as it is,
    /// and the index of the form before does not answer for it.
    @Test(arguments: Bench.Kind.allCases)
    func segmentThatIsRewrittenMeanwhileIsNoFinding(kind: Bench.Kind) throws {
        let store = try RewriteStore(kind)
        defer { store.bench.remove() }
        let isRewritten = Mutex(false)
        let report = try Log.verify(at: store.bench.path, disk: store.disk) { _ in
            let isFirst = isRewritten.withLock { isRewritten in
                defer { isRewritten = true }
                return !isRewritten
            }
            guard isFirst else { return }
            do {
                let log = try store.open()
                log.finishHousekeeping()
                try log.closeBlocking()
            } catch {
                Issue.record(error)
            }
        }
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.eventCount == store.events.count)
        #expect(try store.rewritten(on: store.disk)[1])
    }
}
