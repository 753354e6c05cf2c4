// Who tests the tests: stores that are wrong in one way each. A suite that lets one of them pass does
// not check what it says it checks.

import Foundation
import Recall
import RecallTestKit
import Synchronization
import Testing

/// One way of being wrong.
enum Sabotage: String, CaseIterable, Sendable {
    case dropsVersionChecks, dropsStreamExistsCheck, dropsGraphChecks
    case conflictNamesWrongVersion, conflictWritesFirstEvent
    case ignoresLimit, ignoresLimitOnLaterPages, ignoresTypeFilter, ignoresSince, ignoresUntil,
        untilIsExclusive
    case ignoresAggregateTypeFilter, ignoresVersionRange, ignoresUpperPosition
    case ignoresDirection, losesEventAtPageSeam, repeatsEventAtPageSeam
    case reordersCommit, losesSecondEvent, splitsCommit, skipsPosition
    case wrongWasStoredBefore, repetitionNamesLastPosition, repetitionChecksVersions, forgetsIDs
    case acceptsOtherPayload, acceptsOtherTags, storesNewOfMixture
    case graphLeavesOutChildren, streamHoldsChildren, statusIgnoresChildren, statusOfAbsent
    case altersPayload, normalizesText, dropsTags, dropsMetadata, replacesTime, stampsNoTime
    case acceptsEmptyCommit, acceptsLargePayload
    case waitIgnoresCancellation, waitReturnsEarly
    case showsUnfinishedCommit
    case ignoresCriteria, ignoresTags, takesAnyTag, takesFirstItemOnly, emptyCriteriaMatchAll
    case filtersByLooks, comparesBodiesByLooks
    case ignoresCursors, knowsNoIDOfACursor, givesNoCursor, cursorPassesWhatTheLimitLeft,
        cursorPassesTheNextPage
    case cursorOfAnotherEvent, cursorStaysAtTheLastEvent, ignoresBytesOfPages
}

@Suite struct ConformanceSabotageTests {
    /// Fast cases only: what a sabotage changes shows without a hundred thousand events.
    private static let cases = EventStoreConformance.cases.filter {
        !$0.name.contains("10 writers") && !$0.name.contains("MiB") && !$0.name.contains("5 MB")
    }

    @Test(arguments: Sabotage.allCases)
    func brokenStoreIsCaught(_ sabotage: Sabotage) async throws {
        let conditions =
            sabotage == .showsUnfinishedCommit
            ? EventStoreConformance.cases.filter { $0.name.contains("10 writers") } : Self.cases
        var caught: [String] = []
        for condition in conditions where caught.isEmpty {
            do {
                try await condition.run(
                    on: ConformanceSubject {
                        ConformanceInstance(store: SabotagedEventStore(sabotage: sabotage))
                    })
            } catch {
                caught.append("\(condition.name): \(error)")
            }
        }
        #expect(!caught.isEmpty, "No case found that a store \(sabotage.rawValue).")
    }

    @Test(arguments: SnapshotSabotage.allCases)
    func brokenSnapshotStoreIsCaught(_ sabotage: SnapshotSabotage) async throws {
        var caught: [String] = []
        for condition in SnapshotStoreConformance.cases where caught.isEmpty {
            do {
                try await condition.run(
                    on: ConformanceSubject {
                        ConformanceInstance(store: SabotagedSnapshotStore(sabotage: sabotage))
                    })
            } catch {
                caught.append("\(condition.name): \(error)")
            }
        }
        #expect(!caught.isEmpty, "No case found that a store \(sabotage.rawValue).")
    }
}

enum SnapshotSabotage: String, CaseIterable, Sendable {
    case keepsFirst, takesLowerPositions, leavesOutSamePosition, ignoresRemoval, removesAll, removalIsForEver
    case swapsAggregates, altersPayload, dropsTime, dropsFingerprint, swapsVersionAndPosition
    case keepsOldType, losesEmptyPayloads
}

/// A store of snapshots that is wrong in one way.
struct SabotagedSnapshotStore: SnapshotStore {
    let sabotage: SnapshotSabotage
    let store = MemorySnapshotStore()
    let removed = RemovedSet()

    final class RemovedSet: Sendable {
        private let ids = Mutex(Set<AggregateID>())
        func insert(_ id: AggregateID) { ids.withLock { _ = $0.insert(id) } }
        func contains(_ id: AggregateID) -> Bool { ids.withLock { $0.contains(id) } }
    }

    func save(_ snapshot: Snapshot) async throws(StoreError) {
        let known = try await store.latest(of: snapshot.aggregateID)
        var snapshot = snapshot
        switch sabotage {
        case .keepsFirst where known != nil: return
        case .takesLowerPositions: try await store.remove(snapshot.aggregateID)
        case .leavesOutSamePosition where known?.position == snapshot.position: return
        case .removalIsForEver where removed.contains(snapshot.aggregateID): return
        case .keepsOldType: snapshot.aggregateType = known?.aggregateType ?? snapshot.aggregateType
        case .losesEmptyPayloads where snapshot.payload.isEmpty: return
        default: break
        }
        try await store.save(snapshot)
    }

    func latest(of aggregate: AggregateID) async throws(StoreError) -> Snapshot? {
        var id = aggregate
        if sabotage == .swapsAggregates, try await store.latest(of: aggregate) == nil {
            id = AggregateID("00000000-0000-0000-0000-000000000001") ?? aggregate
        }
        guard var snapshot = try await store.latest(of: id) else { return nil }
        switch sabotage {
        case .altersPayload: snapshot.payload = Data(snapshot.payload.filter { $0 != 0 })
        case .dropsTime: snapshot.time = Timestamp(microsecondsSince1970: 0)
        case .dropsFingerprint: snapshot.schemaFingerprint &= 0xFFFF_FFFF
        case .swapsVersionAndPosition: snapshot.version = Version(snapshot.position.rawValue)
        default: break
        }
        return snapshot
    }

    func remove(_ aggregate: AggregateID) async throws(StoreError) {
        switch sabotage {
        case .ignoresRemoval: return
        case .removesAll:
            for number in 1 ... 3 {
                if let id = AggregateID("00000000-0000-0000-0000-00000000000\(number)") {
                    try await store.remove(id)
                }
            }
        case .removalIsForEver: removed.insert(aggregate)
        default: break
        }
        try await store.remove(aggregate)
    }
}
