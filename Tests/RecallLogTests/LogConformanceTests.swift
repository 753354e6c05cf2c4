// The log, held against the suite that every event store has to pass, in three suites that run beside each other: in one of them
// a case follows the other, so that a case which waits does not wait for all others too. Under a sanitizer the file system has all
// cases and the others a share (TestEffort).

import Recall
import RecallTestKit
import Testing

/// A directory on the file system, with each durability.
@Suite(.serialized) struct LogConformanceTests {
    /// What the table of queries says does not depend on the disk, and making a store takes its time here.
    @Test(arguments: EventStoreConformance.cases.filter { !$0.name.contains("filter:") })
    func logOnTheFileSystemConforms(_ condition: EventStoreConformance.Case) async throws {
        try await condition.run(on: LogUnderTest.fileSystem.subject())
    }

    /// What a durability changes shows where many append, wait and reopen.
    @Test(
        arguments: TestEffort.cases(
            EventStoreConformance.cases.filter {
                $0.needsReopening && !$0.name.contains("1,000") || $0.name.contains("writers")
                    || $0.name.contains("wait") || $0.name.contains("subscription")
                    || $0.name.contains("random")
            }), [LogUnderTest.fileSystemWithoutWaiting, .fileSystemWithInterval])
    func logOfOtherDurabilityConforms(
        _ condition: EventStoreConformance.Case, _ log: LogUnderTest
    ) async throws {
        try await condition.run(on: log.subject())
    }
}

/// A directory on the simulated disk, in one large segment and in many small ones.
@Suite(.serialized) struct SimulatedLogConformanceTests {
    @Test(arguments: TestEffort.cases(EventStoreConformance.cases))
    func logOnTheSimulatedDiskConforms(_ condition: EventStoreConformance.Case) async throws {
        let log: LogUnderTest =
            condition.holdsLargeCommits ? .simulatedDiskForLargeCommits : .simulatedDisk
        try await condition.run(on: log.subject())
    }

    /// A commit must fit into a segment, so the cases of large ones are left out.
    @Test(arguments: TestEffort.cases(EventStoreConformance.cases.filter { !$0.holdsLargeCommits }))
    func logOfSmallSegmentsConforms(_ condition: EventStoreConformance.Case) async throws {
        try await condition.run(on: LogUnderTest.smallSegments.subject())
    }
}

/// A single file on both.
@Suite(.serialized) struct SingleFileLogConformanceTests {
    @Test(arguments: TestEffort.cases(EventStoreConformance.cases.filter { !$0.name.contains("filter:") }))
    func logInOneFileConforms(_ condition: EventStoreConformance.Case) async throws {
        try await condition.run(on: LogUnderTest.singleFile.subject())
    }

    @Test(arguments: TestEffort.cases(EventStoreConformance.cases.filter { !$0.holdsLargeCommits }))
    func logInOneFileOnTheSimulatedDiskConforms(_ condition: EventStoreConformance.Case) async throws {
        try await condition.run(on: LogUnderTest.simulatedSingleFile.subject())
    }
}
