// The rows through the whole library: a repository with the JSON codec on the log, by one caller. The codec and the
// store do the same work once more alone, so that a share of the time can be given to each; what is left is the
// library's own: staging, checking, replaying, waking tasks.

import Foundation
import Recall
import RecallBenchmarksKit
import RecallLog

/// Measures saves and loads.
struct LibraryRows {
    let directory: String
    /// For each row.
    let seconds: Double
    let roundCount: Int

    /// Which part of the work.
    private enum Part: String { case whole, codec, store }

    private static let aggregateCount = 1_000
    private static let eventsPerAggregate = 100

    func measure(_ workload: Workload) async throws -> [Row] {
        let payloads = try payloads(workload)
        return [
            try await saves(payloads, .system, name: "saveSystem", title: "Repository.save, not synced"),
            try await saves(payloads, .commit, name: "saveDurable", title: "Repository.save, durable"),
            try await loads(payloads),
        ]
    }

    private func payloads(_ workload: Workload) throws -> [OrderChanged] {
        var workload = workload
        let decoder = JSONDecoder()
        return try workload.commits(Self.aggregateCount, eventCount: 1).joined().map {
            try decoder.decode(OrderChanged.self, from: $0.payload)
        }
    }

    private func saves(
        _ payloads: [OrderChanged], _ durability: Durability, name: String, title: String
    ) async throws -> Row {
        let log = try open(name, durability)
        let alone = try open(name + "-alone", durability)
        let repository = Repository<Order>(eventStore: log.events)
        var orders = payloads.map { _ in Order(id: AggregateID()) }
        let codec = JSONEventCodec()
        func save(_ count: Int) async throws -> Double {
            let start = ContinuousClock.now
            for index in 0 ..< count {
                let place = index % orders.count
                orders[place].stage(.changed(payloads[place]))
                try await repository.save(&orders[place])
            }
            return Double(count) / start.duration(to: .now).seconds
        }
        let warmUpRate = try await save(payloads.count)
        let count = max(100, Int(warmUpRate * seconds / Double(3 * roundCount)))
        let contest = try await Contest<Part>(
            roundCount: roundCount,
            [
                .init(.whole) { _ in try await save(count) },
                .init(.codec) { _ in
                    let start = ContinuousClock.now
                    var byteCount = 0
                    for index in 0 ..< count {
                        byteCount += try codec.encode(payloads[index % payloads.count]).count
                    }
                    guard byteCount > 0 else { throw WrongResult("The codec gave no bytes.") }
                    return Double(count) / start.duration(to: .now).seconds
                },
                .init(.store) { _ in
                    let commits = try (0 ..< count).map { index in
                        let place = index % payloads.count
                        let event = NewEvent(
                            aggregateID: orders[place].id, aggregateType: "Order",
                            type: OrderChanged.eventType, payload: try codec.encode(payloads[place]))
                        return Commit(events: [event])
                    }
                    let start = ContinuousClock.now
                    for commit in commits { _ = try await alone.append(commit) }
                    return Double(count) / start.duration(to: .now).seconds
                },
            ])
        try await log.close()
        try await alone.close()
        return row(name, title, "saves/s", contest)
    }

    private func loads(_ payloads: [OrderChanged]) async throws -> Row {
        let log = try open("load-library", .system)
        let ids = payloads.map { _ in AggregateID() }
        let codec = JSONEventCodec()
        let encoded = try payloads.map { try codec.encode($0) }
        for _ in 0 ..< Self.eventsPerAggregate {
            for (id, data) in zip(ids, encoded) {
                let event = NewEvent(
                    aggregateID: id, aggregateType: "Order", type: OrderChanged.eventType, payload: data)
                _ = try log.appendBlocking(Commit(events: [event]))
            }
        }
        // Nothing is kept in memory, so each load reads and decodes all events.
        var configuration = RepositoryConfiguration(eventStore: log.events)
        configuration.identityMapCountMax = 0
        let repository = Repository<Order>(configuration)
        let count = 100
        func id(_ round: Int, _ index: Int) -> AggregateID { ids[(round * count + index) % ids.count] }
        let contest = try await Contest<Part>(
            roundCount: roundCount,
            [
                .init(.whole) { round in
                    let start = ContinuousClock.now
                    for index in 0 ..< count {
                        let order = try await repository.load(id(round, index))
                        guard order.changeCount == Self.eventsPerAggregate else {
                            throw WrongResult("A load found \(order.changeCount) events.")
                        }
                    }
                    return Double(count) / start.duration(to: .now).seconds
                },
                .init(.codec) { _ in
                    let start = ContinuousClock.now
                    var cents = 0
                    for index in 0 ..< count * Self.eventsPerAggregate {
                        let data = encoded[index % encoded.count]
                        cents += try codec.decode(OrderChanged.self, from: data).amountInCents
                    }
                    guard cents > 0 else { throw WrongResult("The codec gave no amounts.") }
                    return Double(count) / start.duration(to: .now).seconds
                },
                .init(.store) { round in
                    let start = ContinuousClock.now
                    for index in 0 ..< count {
                        var next: EventQuery? = EventQuery(.graph(id(round, index)))
                        while let query = next { next = try await log.events.read(query).next }
                    }
                    return Double(count) / start.duration(to: .now).seconds
                },
            ])
        try await log.close()
        let title = "Repository.load, \(Self.eventsPerAggregate) events, nothing in memory"
        return row("loadLibrary", title, "loads/s", contest)
    }

    private func open(_ name: String, _ durability: Durability) throws -> Log {
        var configuration = LogConfiguration()
        configuration.durability = durability
        return try Log.openBlocking(at: "\(directory)/library-\(name)", configuration: configuration)
    }

    private func row(_ name: String, _ title: String, _ unit: String, _ contest: Contest<Part>) -> Row {
        let microseconds = contest.medians.mapValues { 1e6 / $0 }
        let parts = Dictionary(uniqueKeysWithValues: microseconds.map { ($0.key.rawValue, $0.value) })
        return Row(
            name: name, title: title, unit: unit, values: [.recall: contest.medians[.whole] ?? 0],
            roundCount: roundCount, parts: parts)
    }
}
