// The log as an application meets it: opening, locking, durabilities, failures, limits, closing.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import RecallThreads
import Testing

@Suite struct LogTests {
    @Test(arguments: Bench.Kind.allCases)
    func commitsAreThereAfterReopening(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        var log = try bench.open()
        // Several segments, compressed and not.
        for number in 1 ... 300 {
            _ = try log.appendBlocking(
                Story.commit(number ... number, of: number % 11, padding: number % 2 * 1200))
        }
        let before = try log.allEvents()
        try log.closeBlocking()
        log = try bench.open()
        #expect(try log.allEvents() == before)
        #expect(try log.numbers() == Array(1 ... 300))
        for aggregate in 0 ..< 11 {
            let id = Story.aggregate(aggregate)
            let page = try log.readBlocking(EventQuery(.aggregate(id)))
            #expect(page.events == before.filter { $0.aggregateID == id })
        }
        #expect(try Log.verify(at: bench.path, disk: bench.disk).isWhole)
    }

    @Test(arguments: Bench.Kind.allCases)
    func secondWriterIsRefusedAndToldWhoHasTheStore(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let log = try bench.open()
        let error = #expect(throws: StoreError.self) { try bench.open() }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
        try log.closeBlocking()
        _ = try bench.open()
    }

    @Test(arguments: Bench.Kind.allCases)
    func logThatIsGivenUpLetsGoOfTheLock(_ kind: Bench.Kind) async throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        func useAndForget() throws {
            _ = try bench.open().appendBlocking(Story.commit(1 ... 1, of: 1))
        }
        try useAndForget()
        // The writer's thread holds the lock until it has seen that it is not needed any more.
        while true {
            do throws(StoreError) {
                #expect(try bench.open().numbers() == [1])
                return
            } catch {
                guard error.code == .locked else { throw error }
                await Task.yield()
            }
        }
    }

    @Test(arguments: Bench.Kind.allCases)
    func missingStoreIsReportedAndNotMade(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind)
        for access in [LogAccess.readOnly, .openExisting] {
            let error = #expect(throws: StoreError.self) { try bench.open(access) }
            #expect(error?.code == .notFound)
            #expect(try bench.disk.kind(of: bench.path) == nil)
        }
    }

    @Test func strangersDirectoryIsNotMadeAStore() throws {
        let bench = try Bench(.simulated)
        try bench.disk.createDirectory("/store")
        _ = try bench.disk.open("/store/letters.txt", .createNew)
        let error = #expect(throws: StoreError.self) { try bench.open() }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("letters.txt") == true)
    }

    @Test func storeOfANewerVersionIsRefused() throws {
        let bench = try Bench(.simulated)
        try bench.open().closeBlocking()
        var header = StoreHeader(
            storeID: RawIdentifier(high: 1, low: 2), incarnation: RawIdentifier(high: 3, low: 4),
            createdAt: 0, segmentBytes: 64 << 10)
        // Required: refused; read: for reading only; ignorable: no matter.
        for (change, access, isRefused) in [
            ({ (header: inout StoreHeader) in header.requiredFeatures = 8 }, LogAccess.readOnly, true),
            (
                { header in
                    header.requiredFeatures = 0; header.readFeatures = 1
                }, .openExisting, true
            ),
            ({ header in header.readFeatures = 1 }, .readOnly, false),
            (
                { header in
                    header.readFeatures = 0; header.ignorableFeatures = 1 << 40
                }, .openExisting, false
            ),
        ] {
            change(&header)
            var writer = ByteWriter()
            header.encode(to: &writer)
            let file = try bench.disk.open("/store/store", .readWrite)
            try writer.withBytes { (bytes) throws(DiskError) in try file.write(bytes, at: 0) }
            if isRefused {
                #expect(#expect(throws: StoreError.self) { try bench.open(access) }?.code == .unsupported)
            } else {
                try bench.open(access).closeBlocking()
            }
        }
    }

    @Test(arguments: [Durability.commit, .interval(.milliseconds(1)), .system], Bench.Kind.allCases)
    func everyDurabilityKeepsEverythingAcrossAClose(_ durability: Durability, _ kind: Bench.Kind) async throws
    {
        let bench = try Bench(kind, durability: durability)
        defer { bench.remove() }
        let log = try bench.open()
        for number in 1 ... 50 {
            _ = try await log.append(Story.commit(number ... number, of: 1))
            #expect(try log.lastPositionBlocking().rawValue == UInt64(number))
        }
        try await log.close()
        #expect(try bench.open().numbers() == Array(1 ... 50))
    }

    @Test func commitDurabilitySyncsBeforeItAnswersAndSystemDoesNot() throws {
        for (durability, survives) in [(Durability.commit, true), (.system, false)] {
            let bench = try Bench(.simulated, durability: durability)
            let log = try bench.open()
            for number in 1 ... 5 { _ = try log.appendBlocking(Story.commit(number ... number, of: 1)) }
            let disk = try #require(bench.disk as? SimulatedDisk).crashLosingEverythingUnsynced()
            let found = try Log.openBlocking(at: "/store", configuration: bench.configuration, disk: disk)
            #expect(try found.numbers() == (survives ? Array(1 ... 5) : []))
        }
    }

    @Test func intervalDurabilitySyncsInTime() async throws {
        let bench = try Bench(.simulated, durability: .interval(.milliseconds(1)))
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open()
        _ = try await log.append(Story.commit(1 ... 1, of: 1))
        // Ends when the sync has come; without one the test would never end.
        while true {
            let found = try Log.openBlocking(
                at: "/store", configuration: bench.configuration, disk: disk.crashLosingEverythingUnsynced())
            if try found.numbers() == [1] { return }
            await Task.yield()
        }
    }

    @Test(arguments: [SimulatedOperation.Kind.write, .sync], [Durability.commit, .system])
    func failedWriteOrSyncLatchesUntilReopened(
        _ operation: SimulatedOperation.Kind, _ durability: Durability
    ) throws {
        if operation == .sync, durability == .system { return }
        let bench = try Bench(.simulated, durability: durability)
        let disk = try #require(bench.disk as? SimulatedDisk)
        var log = try bench.open()
        _ = try log.appendBlocking(Story.commit(1 ... 1, of: 1))
        disk.plan(
            SimulatedFault(operation, pathPart: "segment", number: EIO, effect: .failForgettingDirtyData))
        let first = #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(2 ... 2, of: 1)) }
        #expect(first?.code == .unavailable)
        // The disk works again, and yet nothing is taken: what it holds is not known.
        let second = #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(3 ... 3, of: 1)) }
        #expect(second?.code == .latched)
        #expect(try log.numbers() == [1])
        #expect(try log.lastPositionBlocking() == 1)
        #expect(throws: StoreError.self) { try log.closeBlocking() }
        log = try Log.openBlocking(
            at: "/store", configuration: bench.configuration, disk: disk.crash(seed: 4))
        // Repeating under the same ids is safe whatever became of the failed commit.
        _ = try log.appendBlocking(Story.commit(2 ... 2, of: 1))
        _ = try log.appendBlocking(Story.commit(3 ... 3, of: 1))
        #expect(try log.numbers() == [1, 2, 3])
    }

    @Test func fullDiskAtTheNextSegmentLosesNothing() throws {
        let bench = try Bench(.simulated)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open()
        var stored = 0
        disk.setCapacity(bytes: 100 << 10)
        var failure: StoreError?
        while failure == nil {
            do throws(StoreError) {
                _ = try log.appendBlocking(Story.commit(stored + 1 ... stored + 1, of: 1, padding: 500))
                stored += 1
            } catch {
                failure = error
            }
        }
        #expect(failure?.code == .unavailable || failure?.code == .latched)
        #expect(failure?.message.contains("space") == true)
        disk.setCapacity(bytes: nil)
        let again = try Log.openBlocking(
            at: "/store", configuration: bench.configuration, disk: disk.crashLosingEverythingUnsynced())
        #expect(try again.numbers() == Array(1 ... stored))
        _ = try again.appendBlocking(Story.commit(stored + 1 ... stored + 1, of: 1))
    }

    @Test func commitThatFitsNoSegmentIsRefusedAndNothingIsWritten() throws {
        let bench = try Bench(.simulated)
        let log = try bench.open { $0.isCompressing = false }
        let error = #expect(throws: StoreError.self) {
            try log.appendBlocking(Story.commit(1 ... 1, of: 1, padding: 70 << 10))
        }
        #expect(error?.code == .limitExceeded)
        _ = try log.appendBlocking(Story.commit(2 ... 2, of: 1))
        #expect(try log.numbers() == [2])
    }

    @Test(arguments: [0, 64 << 10 - 1, (1 << 30) + 1])
    func segmentSizeOutsideTheLimitsIsRefused(_ size: Int) throws {
        let bench = try Bench(.simulated)
        let error = #expect(throws: StoreError.self) { try bench.open { $0.segmentBytesMax = size } }
        #expect(error?.code == .invalidArgument)
    }

    @Test func closedLogAnswersThatItIsClosed() async throws {
        let bench = try Bench(.simulated)
        let log = try bench.open()
        let waiting = Task { try await log.events.waitForEvent(after: 0) }
        try await log.close()
        try await log.close()
        let waitError = await #expect(throws: StoreError.self) { try await waiting.value }
        #expect(waitError?.code == .closed)
        await #expect(throws: StoreError.self) { try await log.append(Story.commit(1 ... 1, of: 1)) }
        #expect(#expect(throws: StoreError.self) { try log.allEvents() }?.code == .closed)
    }

    @Test func openingAndClosingWithoutAnAppendChangesNoSegment() throws {
        let bench = try Bench(.simulated)
        let disk = try #require(bench.disk as? SimulatedDisk)
        let log = try bench.open()
        _ = try log.appendBlocking(Story.commit(1 ... 3, of: 1))
        try log.closeBlocking()
        let before = disk.contents(of: "/store/segments/0000000001.segment")
        try bench.open().closeBlocking()
        try bench.open(.readOnly).closeBlocking()
        #expect(disk.contents(of: "/store/segments/0000000001.segment") == before)
    }

    @Test func readOnlyLogRefusesAppends() throws {
        let bench = try Bench(.simulated)
        try bench.open().closeBlocking()
        let log = try bench.open(.readOnly)
        #expect(
            #expect(throws: StoreError.self) { try log.appendBlocking(Story.commit(1 ... 1, of: 1)) }?.code
                == .readOnly)
    }

    @Test(arguments: Bench.Kind.allCases)
    func callersOfBothKindsShareGroupsAndAllAreAnswered(_ kind: Bench.Kind) async throws {
        let bench = try Bench(kind, segmentBytesMax: 1 << 20)
        defer { bench.remove() }
        let log = try bench.open()
        try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for caller in 0 ..< 8 {
                group.addTask {
                    var positions: [UInt64] = []
                    for number in 0 ..< 40 {
                        let event = Story.event(caller * 1000 + number, of: caller)
                        positions.append(try await log.append(Commit(events: [event])).lastPosition.rawValue)
                    }
                    return positions
                }
            }
            let threads = (8 ..< 12).map { caller in
                Task.detached {
                    try await BlockingPool(threadCount: 1).run {
                        try (0 ..< 40).map { number in
                            try log.appendBlocking(
                                Commit(events: [Story.event(caller * 1000 + number, of: caller)])
                            ).lastPosition.rawValue
                        }
                    }
                }
            }
            var all: [UInt64] = []
            for thread in threads { all += try await thread.value }
            for try await positions in group {
                #expect(positions == positions.sorted())
                all += positions
            }
            #expect(all.sorted() == Array(1 ... 480))
        }
        for caller in 0 ..< 12 {
            let stream = try log.readBlocking(EventQuery(.aggregate(Story.aggregate(caller)))).events
            #expect(stream.compactMap(Story.number) == (0 ..< 40).map { caller * 1000 + $0 })
        }
    }
}
