// Snapshots in memory: the newest of each aggregate, for a bounded number of aggregates.

import Foundation
import RecallTestKit
import Testing

@testable import Recall

struct MemorySnapshotStoreTests {
    func snapshot(_ id: AggregateID, position: Position) -> Snapshot {
        Snapshot(
            aggregateID: id, aggregateType: "T", version: 1, position: position, schemaFingerprint: 7,
            time: Timestamp(microsecondsSince1970: 0), payload: Data("\(position)".utf8))
    }

    @Test func newestOfAnAggregateIsKept() async throws {
        let store = MemorySnapshotStore()
        let id = AggregateID()
        #expect(try await store.latest(of: id) == nil)
        try await store.save(snapshot(id, position: 5))
        try await store.save(snapshot(id, position: 3))
        #expect(try await store.latest(of: id)?.position == 5)
        try await store.save(snapshot(id, position: 9))
        #expect(try await store.latest(of: id)?.position == 9)
        try await store.remove(id)
        try await store.remove(id)
        #expect(try await store.latest(of: id) == nil)
    }

    @Test func oldestGoesWhenTheStoreIsFull() async throws {
        let store = MemorySnapshotStore(countMax: 3)
        let ids = (0 ..< 5).map { _ in AggregateID() }
        for id in ids[..<3] { try await store.save(snapshot(id, position: 1)) }
        try await store.save(snapshot(ids[0], position: 2))
        for id in ids[3...] { try await store.save(snapshot(id, position: 1)) }
        #expect(store.count == 3)
        for (index, isKept) in [true, false, false, true, true].enumerated() {
            #expect(try await (store.latest(of: ids[index]) != nil) == isKept)
        }
    }

    @Test func leastRecentlyUsedAgreesWithASimpleModel() {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0 ... .max, using: &random)
        var state = seed
        func id(_ key: Int) -> AggregateID { AggregateID(number: UInt64(key)) }
        func next(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        var cache = LeastRecentlyUsed<Int>(countMax: 5)
        var model: [(key: Int, value: Int)] = []  // oldest first
        for step in 0 ..< 10_000 {
            let key = next(9)
            let known = model.firstIndex { $0.key == key }
            switch next(4) {
            case 0:
                if let known { model.remove(at: known) }
                model.append((key, step))
                if model.count > 5 { model.removeFirst() }
                cache.insert(step, for: id(key))
            case 1:
                #expect(cache.use(id(key)) == known.map { model[$0].value }, "seed \(seed), step \(step)")
                if let known { model.append(model.remove(at: known)) }
            case 2:
                #expect(cache.peek(id(key)) == known.map { model[$0].value }, "seed \(seed), step \(step)")
            default:
                cache.remove(id(key))
                if let known { model.remove(at: known) }
            }
            #expect(cache.count == model.count, "seed \(seed), step \(step)")
        }
    }
}
