// The story: a store lost its last events, in a failover to a replica that had not got them, a flush or a restore, and other events were
// acknowledged at the same positions. A relay and a subscription that had passed them went on behind, and passed over the others in silence
// and for good. Whoever reads on knows the event that he passed last, and is refused where the server has another, also while he waits for
// what is to come.

import Foundation
import Recall
import RecallServerTestSupport
import RecallTestKit
import Testing

@testable import RecallRedis

@Suite(.needsRedis) struct RedisHistoryTests {
    enum Change: String, CaseIterable, Sendable { case flush, restore, failover }

    private static let keptCount = 4
    private static let readCount = 6

    /// A store whose history can be changed under its readers.
    private struct World: Sendable {
        let change: Change
        let configuration: RedisStoreConfiguration
        let server: RedisServer
        var replica: RedisServer?
        var proxy: LoopbackProxy?

        /// A store with six events, of which four are kept by a restore or a failover.
        static func made(_ change: Change) async throws -> World {
            var world: World
            if change == .failover {
                let server = try await RedisServer.started()
                let replica = try await RedisServer.started()
                let proxy = try LoopbackProxy(to: server.process.port) { ({ $0.count }, { $0.count }) }
                var configuration = server.configuration()
                configuration.deployment = .single(.tcp(host: "127.0.0.1", port: proxy.port))
                world = World(change: change, configuration: configuration, server: server)
                (world.replica, world.proxy) = (replica, proxy)
            } else {
                let server = try await SharedRedis.server()
                world = World(change: change, configuration: server.configuration(), server: server)
            }
            let store = try await RedisEventStore.open(world.configuration)
            for _ in 0 ..< keptCount { _ = try await store.append(.one) }
            switch change {
            case .flush: break
            case .restore: try world.onKeys("redis.call('COPY', key, 'saved:' .. key, 'REPLACE')")
            case .failover:
                guard let replica = world.replica else { break }
                try replica.call("REPLICAOF", "127.0.0.1", "\(world.server.process.port)")
                let log = StoreKeys(name: world.configuration.name).log
                try await Eventually.holds("a replica with all events", within: .seconds(60)) {
                    try replica.call("XLEN", log) == .integer(Int64(keptCount))
                }
                // It gets no more.
                try replica.call("REPLICAOF", "NO", "ONE")
            }
            for _ in keptCount ..< readCount { _ = try await store.append(.one) }
            store.close()
            return world
        }

        /// Runs a line of Lua for each key of the store.
        private func onKeys(_ line: String) throws {
            let answer = try server.call(
                "EVAL", "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do \(line) end", "0",
                "{\(configuration.name)}:*")
            if case .error(let error) = answer { throw ServerSupportError(error.text) }
        }

        /// Takes the last events away, and appends others.
        func changeHistory(othersCount: Int) async throws {
            switch change {
            case .flush: try onKeys("redis.call('DEL', key)")
            case .restore:
                try onKeys("redis.call('COPY', 'saved:' .. key, key, 'REPLACE')")
                // A list that only lost events have is not among what was saved.
                try onKeys("if redis.call('EXISTS', 'saved:' .. key) == 0 then redis.call('DEL', key) end")
            case .failover:
                try await server.process.kill()
                if let replica { proxy?.redirect(to: replica.process.port) }
            }
            let writer = try await RedisEventStore.open(configuration)
            let kept = change == .flush ? 0 : keptCount
            #expect(try await writer.lastPosition() == Position(UInt64(kept)))
            for _ in 0 ..< keptCount - kept + othersCount { _ = try await writer.append(.one) }
            writer.close()
        }

        func stop() async throws {
            proxy?.stop()
            if change == .failover { try await server.process.kill() }
            try await replica?.process.kill()
        }
    }

    private struct GatheringRouter: EventRouter {
        let events: Shared<[EventID]>
        func route(_ events: [RecordedEvent]) async throws {
            self.events.change { $0 += events.map(\.id) }
        }
    }

    /// What a reader got, and what it ended with.
    private struct Reading: Sendable {
        var positions: [Position] = []
        var error: StoreError?
    }

    private static func following(
        _ store: RedisEventStore, _ query: EventQuery
    ) -> (reading: Shared<Reading>, task: Task<Void, Never>) {
        let reading = Shared(Reading())
        let task = Task {
            do throws(StoreError) {
                for try await event in store.subscribe(query) {
                    reading.change { $0.positions.append(event.position) }
                }
            } catch {
                reading.change { $0.error = error }
            }
        }
        return (reading, task)
    }

    @Test(arguments: Change.allCases, [0, 1, 2, 5])
    func whoeverReadsOnIsRefused(_ change: Change, othersCount: Int) async throws {
        let world = try await World.made(change)
        let store = try await RedisEventStore.open(world.configuration)
        let count = Self.readCount
        // In the middle of its pages, at the end of a player's run, waiting for what is to come, and waiting for what a filter lets through.
        var iterator = store.events(EventQuery(pageEventCountMax: count - 1)).makeAsyncIterator()
        for _ in 1 ..< count { _ = try await iterator.next() }
        let checkpoint = try await Player(store: store).play().checkpoint
        #expect(checkpoint.position == Position(UInt64(count)) && checkpoint.eventID != nil)
        let subscription = Self.following(store, EventQuery())
        let filtered = Self.following(store, EventQuery(eventTypes: ["Never"]))
        let ofOne = Self.following(store, EventQuery(.aggregate(AggregateID())))
        let routed = Shared<[EventID]>([])
        let relay = try Relay(
            reading: store, feeding: GatheringRouter(events: routed), keepingStateIn: MemoryRelayStateStore())
        let relayed = Shared<StoreError?>(nil)
        let relaying = Task {
            do throws(StoreError) { try await relay.run() } catch { relayed.change { $0 = error } }
        }
        try await Eventually.holds("readers at the end", within: .seconds(60)) {
            routed.value.count == count && subscription.reading.value.positions.count == count
                && store.follower.waitingCount == 4
        }
        let read = routed.value

        try await world.changeHistory(othersCount: othersCount)
        try await Eventually.holds("the refusal of all who wait", within: .seconds(120)) {
            [subscription, filtered, ofOne].allSatisfy { $0.reading.value.error != nil }
                && relayed.value != nil
        }
        for follower in [subscription, filtered, ofOne] {
            #expect(follower.reading.value.error?.code == .anotherHistory)
            #expect(follower.reading.value.error?.message.contains("let it begin anew") == true)
        }
        #expect(subscription.reading.value.positions.count == count)
        #expect(relayed.value?.code == .relayStateOfAnotherStore)
        #expect(routed.value == read)
        let error = await #expect(throws: StoreError.self) { try await iterator.next() }
        // The last of its page was read before.
        #expect(error?.code == .anotherHistory)
        let player = await #expect(throws: PlayerError.self) {
            try await Player(store: store).play(from: checkpoint)
        }
        #expect((player?.cause as? StoreError)?.code == .anotherHistory)
        // Whoever begins anew gets what there is.
        let last = try await store.lastPosition()
        #expect(last == Position(UInt64(Self.keptCount + othersCount)))
        #expect(try await Player(store: store).play().checkpoint.position == last)
        subscription.task.cancel()
        relaying.cancel()
        store.close()
        try await world.stop()
    }

    /// A reader at the end of a store whose last event was taken out, with a filter or in another stream, saw nothing of it.
    @Test func aLastEventThatIsMissingIsDamageForEveryReader() async throws {
        let server = try await SharedRedis.server()
        let configuration = server.configuration()
        let store = try await RedisEventStore.open(configuration)
        for _ in 0 ..< 3 { _ = try await store.append(.one) }
        let queries = [
            EventQuery(), EventQuery(eventTypes: ["Never"]), EventQuery(.aggregate(AggregateID())),
            EventQuery(.graph(AggregateID())),
        ]
        let waiting = queries.map { Self.following(store, $0) }
        try await Eventually.holds("readers at the end") { store.follower.waitingCount == queries.count }
        try server.call("XDEL", StoreKeys(name: configuration.name).log, "3-0")
        let late = queries.map { Self.following(store, $0) }
        for follower in waiting + late {
            await follower.task.value
            #expect(follower.reading.value.error?.code == .damaged)
            #expect(follower.reading.value.error?.damagedPositions == 3 ... 3)
        }
        store.close()
    }

    /// What is waited for was known from a server that was no master any more. The wait ended at once, the page of the new master held
    /// nothing, and so on in a loop until the follower asked again.
    @Test func aReaderThatIsToldOfMoreThanThereIsDoesNotGoRound() async throws {
        let server = try await RedisServer.started()
        let store = try await RedisEventStore.open(server.configuration())
        for _ in 0 ..< 3 { _ = try await store.append(.one) }
        let subscription = Self.following(store, EventQuery())
        try await Eventually.holds("a reader at the end") { store.follower.waitingCount == 1 }
        func callCount(of command: String) throws -> Int {
            let lines = try server.call("INFO", "commandstats").text?.split(separator: "\r\n") ?? []
            let line = lines.first { $0.hasPrefix("cmdstat_\(command):calls=") }
            return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0.isNumber }) } ?? 0
        }
        let (scriptCount, waitCount) = (try callCount(of: "evalsha"), try callCount(of: "xread"))
        store.follower.learn(100)
        // Until the follower has heard from the server again, and once more.
        try await Eventually.holds("two looks of the follower", within: .seconds(60)) {
            try callCount(of: "xread") >= waitCount + 2
        }
        // One page for what was told, and a proof with each look.
        #expect(try callCount(of: "evalsha") - scriptCount < 20)
        #expect(subscription.reading.value.error == nil)
        // And it goes on.
        _ = try await store.append(.one)
        try await Eventually.holds("the next event") { subscription.reading.value.positions.count == 4 }
        subscription.task.cancel()
        store.close()
        try await server.process.kill()
    }
}
