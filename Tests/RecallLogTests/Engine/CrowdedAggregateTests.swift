// A log as an application uses it: many tasks change one aggregate, subscriptions run, and the service that owns the log closes it.
// 200 tasks that updated one aggregate of a log with a sync for each commit: 143 to 170 failed with `conflict`.

import Foundation
import Recall
import RecallLog
import RecallTestKit
import Synchronization
import Testing

@Suite struct CrowdedAggregateTests {
    struct Raised: EventPayload {
        static let eventType: EventType = "Raised"
        var number: Int
    }

    enum Raising: Event {
        case raised(Raised)
        var payload: any EventPayload {
            switch self {
            case .raised(let payload): payload
            }
        }
        static let cases = [EventCase(Self.raised)]
    }

    struct Counter: AggregateRoot {
        static let aggregateType: AggregateType = "Counter"
        var lifecycle: EntityLifecycle
        var number = 0
        init(id: AggregateID) { lifecycle = EntityLifecycle(id: id) }
        mutating func raise() { stage(.raised(Raised(number: number + 1))) }
        mutating func apply(_ event: Raising) {
            switch event {
            case .raised(let raised): number = raised.number
            }
        }
    }

    /// One repository, as in an application; three on one log, each with its own line.
    @Test(arguments: Bench.Kind.allCases, [1, 3])
    func updatesOfOneAggregateAllArrive(_ kind: Bench.Kind, repositoryCount: Int) async throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let log = try await BlockingCall.run { try bench.open() }
        let repositories = (0 ..< repositoryCount).map { _ in Repository<Counter>(eventStore: log.events) }
        let id = AggregateID()
        try await repositories[0].create(id) { $0.raise() }
        try await withThrowingTaskGroup { group in
            for index in 1 ..< 200 {
                group.addTask {
                    // Nothing here is about time: a slow machine takes as long as it takes.
                    try await repositories[index % repositoryCount].update(id, timeout: .seconds(3600)) {
                        $0.raise()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await Repository<Counter>(eventStore: log.events).load(id).number == 200)
        #expect(try await log.events.lastPosition() == 200)
        try await log.close()
    }

    @Test(arguments: Bench.Kind.allCases)
    func cancelledSubscriptionsEndAndASiblingClosesTheLog(_ kind: Bench.Kind) async throws {
        let bench = try Bench(kind)
        defer { bench.remove() }
        let log = try await BlockingCall.run { try bench.open() }
        let reader = try await BlockingCall.run { try bench.open(.readOnly) }
        let (taken, continuation) = AsyncStream<Position>.makeStream()
        let services = Task {
            try await withThrowingTaskGroup { group in
                for store in [log.events, reader.events] {
                    group.addTask {
                        for try await event in store.subscribe() { continuation.yield(event.position) }
                    }
                }
                group.addTask {
                    for await _ in AsyncStream<Never>.makeStream().stream {}
                    try await log.close()
                    try await reader.close()
                }
                try await group.waitForAll()
            }
        }
        for number in 1 ... 5 { _ = try await log.append(Story.commit(number ... number, of: 1)) }
        var seenCount = 0
        for await _ in taken {
            seenCount += 1
            if seenCount == 10 { break }
        }
        services.cancel()
        try await services.value
        // Closed well: nothing is left for a recovery.
        let again = try await BlockingCall.run { try bench.open() }
        #expect(try again.lastPositionBlocking() == 5)
        try await again.close()
    }

    /// A commit that waits for room in the queue was waited for in spite of a cancelled task.
    @Test func cancelledAppendThatWaitsForRoomWritesNothing() async throws {
        let bench = try Bench(.simulated)
        let log = try await BlockingCall.run { try bench.open { $0.queueBytesMax = 1 } }
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            // Whoever finds room is let in, and its outcome is told.
            return try await log.append(Story.commit(1 ... 1, of: 1))
        }
        #expect(try await cancelled.value.lastPosition == 1)
        try await withThrowingTaskGroup(of: Position?.self) { group in
            for number in 2 ... 60 {
                group.addTask {
                    if number.isMultiple(of: 2) { withUnsafeCurrentTask { $0?.cancel() } }
                    do throws(StoreError) {
                        return try await log.append(Story.commit(number ... number, of: 1)).lastPosition
                    } catch {
                        if error.code == .cancelled, number.isMultiple(of: 2) { return nil }
                        throw error
                    }
                }
            }
            var storedCount = 1
            for try await position in group where position != nil { storedCount += 1 }
            // What a caller was told is what is there: nothing that was called off, and all else.
            #expect(try await log.events.lastPosition().rawValue == UInt64(storedCount))
            #expect(storedCount >= 30)
        }
        try await log.close()
    }
}
