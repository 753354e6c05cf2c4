// The stores in memory, held against the suites that every store has to pass.

import Recall
import RecallTestKit
import Testing

/// One case after the other, so that a case which waits does not wait for the others too.
@Suite(.serialized) struct MemoryConformanceTests {
    @Test(arguments: EventStoreConformance.cases)
    func eventStoreConforms(_ condition: EventStoreConformance.Case) async throws {
        try await condition.run(on: ConformanceSubject { ConformanceInstance(store: MemoryEventStore()) })
    }

    /// A store in memory is as good as reopened when another reference is used: the cases for it run,
    /// so that the suite itself is tested where nothing can be lost.
    @Test(arguments: EventStoreConformance.cases.filter(\.needsReopening))
    func eventStoreConformsWhenReopened(_ condition: EventStoreConformance.Case) async throws {
        @Sendable func instance(_ store: MemoryEventStore) -> ConformanceInstance<any EventStore> {
            ConformanceInstance(store: store, reopen: { instance(store) })
        }
        let outcome = try await condition.run(on: ConformanceSubject { instance(MemoryEventStore()) })
        #expect(outcome == .passed)
    }

    @Test(arguments: SnapshotStoreConformance.cases)
    func snapshotStoreConforms(_ condition: SnapshotStoreConformance.Case) async throws {
        try await condition.run(on: ConformanceSubject { ConformanceInstance(store: MemorySnapshotStore()) })
    }

    @Test func casesThatNeedReopeningAreSkippedByName() async throws {
        let condition = try #require(EventStoreConformance.cases.first { $0.needsReopening })
        let outcome = try await condition.run(
            on: ConformanceSubject { ConformanceInstance(store: MemoryEventStore()) })
        #expect(outcome == .skipped("the store cannot be reopened"))
    }

    @Test func namesOfCasesAreUnique() {
        let names = EventStoreConformance.cases.map(\.name)
        #expect(Set(names).count == names.count)
        let snapshotNames = SnapshotStoreConformance.cases.map(\.name)
        #expect(Set(snapshotNames).count == snapshotNames.count)
    }
}
