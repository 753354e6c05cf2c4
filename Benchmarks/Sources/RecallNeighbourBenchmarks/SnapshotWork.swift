// Snapshots that are saved, or looked for, of 1,000 aggregates.

import Foundation
import Recall
import RecallBenchmarksKit

/// Work on one store of snapshots.
final class SnapshotWork: Sendable {
    enum Kind: String, CaseIterable {
        case save = "saved"
        case load = "loaded"
    }

    private static let aggregates = (0 ..< 1000).map { _ in AggregateID() }
    private static let payload = Data((0 ..< 2048).map { UInt8(truncatingIfNeeded: $0 &* 31) })

    private let store: any SnapshotStore
    private let kind: Kind

    init(_ store: any SnapshotStore, _ kind: Kind) {
        self.store = store
        self.kind = kind
    }

    /// Saves one of each aggregate, so that none is missing whatever was measured before.
    func fill() async throws {
        for aggregate in Self.aggregates { try await store.save(snapshot(of: aggregate)) }
    }

    /// Snapshots a second.
    var turn: Measuring.Turn {
        { [self] callerCount, duration in
            try await Measuring.rate(callerCount, duration) { [self] caller, number in
                let aggregate = Self.aggregates[(caller * 17 + number) % Self.aggregates.count]
                switch kind {
                case .save: try await store.save(snapshot(of: aggregate))
                case .load:
                    guard try await store.latest(of: aggregate)?.payload.count == Self.payload.count else {
                        throw WrongResult("A snapshot of \(aggregate) is missing.")
                    }
                }
            }
        }
    }

    private func snapshot(of aggregate: AggregateID) -> Snapshot {
        // Of one event: a snapshot makes the events durable that it holds, and there are some.
        Snapshot(
            aggregateID: aggregate, aggregateType: "Order", version: 1, position: 1, schemaFingerprint: 7,
            time: Timestamp(microsecondsSince1970: 1), payload: Self.payload)
    }
}
