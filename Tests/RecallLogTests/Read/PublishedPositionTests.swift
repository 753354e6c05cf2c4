// How far readers may read: what this process sees, the others must see as well.

import RecallLog
import RecallTestKit
import RecallThreads
import Testing

@Suite struct PublishedPositionTests {
    /// A backup by path held one event less than a reader in the writer's process had seen before it began: the position was
    /// shown to this process first, and to the others a moment later.
    @Test func whatIsSeenInThisProcessIsSeenInTheOthers() throws {
        let disk = SimulatedDisk()
        let file = try disk.open("/lock", .createNew)
        try file.preallocate(size: Format.watermarkPageSize)
        let page = WatermarkPage(try file.map(count: Format.watermarkPageSize, isWritable: true))
        let others = WatermarkPage(try file.map(count: Format.watermarkPageSize, isWritable: false))
        let published = PublishedPosition(0, page: page)
        try WorkerThread.start {
            for position in 1 ... 300_000 as ClosedRange<UInt64> { published.publish(position) }
        }
        var lateCount = 0
        var lookCount = 0
        var here: UInt64 = 0
        while here < 300_000 {
            here = published.current
            if let there = others.position, there < here { lateCount += 1 }
            lookCount += 1
        }
        #expect(lateCount == 0, "of \(lookCount) looks")
    }

    /// A follower that had nothing to read woke 2,300 times a second to look. Now it sleeps until the writer publishes, who makes a
    /// call for that only where somebody waits.
    @Test func whoWaitsIsWokenByWhatIsPublished() throws {
        let disk = SimulatedDisk()
        let file = try disk.open("/lock", .createNew)
        try file.preallocate(size: Format.watermarkPageSize)
        let page = WatermarkPage(try file.map(count: Format.watermarkPageSize, isWritable: true))
        page.publish(5)
        #expect(!page.isAwaited)
        // Long past: no need to wait.
        page.wait(while: 4, atMost: .seconds(3_000))
        page.publish(5)
        #expect(!page.isAwaited)
        try WorkerThread.start {
            while !page.isAwaited {}
            page.publish(6)
        }
        while page.position == 5 { page.wait(while: 5, atMost: .seconds(3_000)) }
        #expect(page.position == 6)
    }
}
