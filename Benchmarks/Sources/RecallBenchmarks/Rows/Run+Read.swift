// The rows that read the events of the unsynced row, from the page cache. What is read must be what was written.

import Foundation
import Recall
import RecallBenchmarksKit
import RecallLog

extension Run {
    /// Replays everything in order, each store in its fastest way.
    func replay(expecting sum: PayloadSum) async throws -> Row {
        let stores = try openMainStores()
        defer { for (_, store) in stores { try? store.close() } }
        let contest = try await Contest(
            roundCount: roundCount,
            stores.map { name, store in
                .init(name) { _ in
                    let start = ContinuousClock.now
                    let found = try store.replay()
                    let time = start.duration(to: .now)
                    try check(found, sum, "A replay by \(name.title)")
                    return Double(found.count) / time.seconds
                }
            })
        return Row(
            name: "replayBorrowed", title: "full replay, borrowed bytes", unit: "events/s",
            values: contest.medians, ratios: contest.ratios(of: .recall), roundCount: roundCount)
    }

    /// Replays everything as events of their own, in pages of 1,024.
    func replayInPages(expecting sum: PayloadSum) throws -> Row {
        let store = try RecallStore(path: mainStore(.recall), isDurable: false, access: .readOnly)
        defer { try? store.close() }
        let title = "full replay, pages of 1,024 events"
        return try row("replayPaged", title, unit: "events/s") { _ in
            let start = ContinuousClock.now
            let found = try store.replayInPages()
            let time = start.duration(to: .now)
            try check(found, sum, "A replay in pages")
            return Double(found.count) / time.seconds
        }
    }

    /// Loads whole aggregates at random, the same ones from each store.
    mutating func load() async throws -> Row {
        let stores = try openMainStores()
        defer { for (_, store) in stores { try? store.close() } }
        let loadCount = 500
        var ids: [UUID] = []
        var expected: [PayloadSum] = []
        func drawIDs() throws {
            ids = (0 ..< loadCount).map { _ in workload.aggregate() }
            expected = try ids.map { try stores[0].store.load($0) }
        }
        // Loads the indexes, and compares event by event outside the clock.
        try drawIDs()
        for (name, store) in stores {
            for (id, sum) in zip(ids, expected) {
                try check(try store.load(id), sum, "A load by \(name.title)")
            }
        }
        let contest = try await Contest(
            roundCount: roundCount,
            prepare: { _ in ids = (0 ..< loadCount).map { _ in workload.aggregate() } },
            stores.map { name, store in
                .init(name) { _ in
                    let start = ContinuousClock.now
                    var count = 0
                    for id in ids { count += try store.load(id).count }
                    let time = start.duration(to: .now)
                    guard count > 0 else { throw WrongResult("Loads by \(name.title) found nothing.") }
                    return Double(loadCount) / time.seconds
                }
            })
        let title = "load one aggregate of about \(eventCount / workload.aggregateCount) events"
        return Row(
            name: "load", title: title, unit: "loads/s", values: contest.medians,
            ratios: contest.ratios(of: .recall), roundCount: roundCount)
    }

    /// All stores with all events, a directory of Recall's first. Recall is opened for reading only, as a second
    /// process would.
    private func openMainStores() throws -> [(name: StoreName, store: any BenchmarkStore)] {
        var stores: [(name: StoreName, store: any BenchmarkStore)] = try StoreName.layouts.map { name in
            (name, try RecallStore(path: mainStore(name), isDurable: false, access: .readOnly))
        }
        for name in contestants.dropFirst(stores.count) {
            guard let store = try name.open(at: mainStore(name), settings(isDurable: false)) else { continue }
            stores.append((name, store))
        }
        return stores
    }

    private func check(_ found: PayloadSum, _ expected: PayloadSum, _ what: String) throws {
        guard found.isInOrder, found.count == expected.count, found.byteCount == expected.byteCount,
            found.words == expected.words
        else {
            throw WrongResult(
                "\(what) found \(found.count) events of \(found.byteCount) bytes, and not the \(expected.count) of \(expected.byteCount) that were written."
            )
        }
    }
}
