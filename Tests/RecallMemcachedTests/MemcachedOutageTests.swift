// Servers that are down, hang, restart or are two: snapshots go missing, and callers never hear of it.

import Foundation
import Recall
import RecallServerTestSupport
import RecallTestKit
import Testing

@testable import RecallMemcached

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite(.needsMemcached) struct MemcachedOutageTests {
    @Test func serverThatIsDownIsAMissAndOneLine() async throws {
        let logs = RecordedLogs()
        let now = Shared(Timestamp(microsecondsSince1970: 0))
        let port = try LoopbackPort.free()
        let store = try MemcachedSnapshotStore(
            MemcachedBench.configuration([port], logs: logs) {
                $0.clock = WallClock { now.value }
            })
        let snapshot = MemcachedBench.snapshot()
        for _ in 0 ..< 10 {
            try await store.save(snapshot)
            #expect(try await store.latest(of: snapshot.aggregateID) == nil)
            try await store.remove(snapshot.aggregateID)
        }
        #expect(logs.lines.count == 1)
        let line = try #require(logs.lines.first)
        #expect(line.contains("the events are replayed instead"))
        // It once gave SUCCESS for the reason, because that was asked for when the connections had been given up.
        #expect(line.contains("127.0.0.1:\(port)"), "\(line)")
        #expect(!line.contains("SUCCESS"), "\(line)")
        now.change { $0 = Timestamp(microsecondsSince1970: 10_000_000) }
        _ = try await store.latest(of: snapshot.aggregateID)
        #expect(logs.lines.count == 2)
        #expect(logs.lines.last?.contains("29 more") == true)
    }

    /// An interval of zero was a millisecond. On a busy machine 99 loads heard of their busy connections in one, and the only line
    /// that was written spoke of something else.
    @Test(arguments: [
        (Duration.zero, 10), (.seconds(-1), 10), (.nanoseconds(1), 10), (.seconds(Int64.max), 1),
    ])
    func eachFailureIsALineWhereTheIntervalIsZero(interval: Duration, count: Int) async throws {
        let logs = RecordedLogs()
        let store = try MemcachedSnapshotStore(
            MemcachedBench.configuration([try LoopbackPort.free()], logs: logs) {
                $0.logInterval = interval
                $0.clock = WallClock { Timestamp(microsecondsSince1970: 1) }
            })
        for _ in 0 ..< 10 {
            #expect(try await store.latest(of: MemcachedBench.snapshot().aggregateID) == nil)
        }
        #expect(logs.lines.count == count)
    }

    @Test func restartedServerIsUsedAgain() async throws {
        let server = try MemcachedBench.server()
        try await server.start()
        let store = try MemcachedSnapshotStore(MemcachedBench.configuration([server.port]))
        let snapshot = MemcachedBench.snapshot()
        try await store.save(snapshot)
        #expect(try await store.latest(of: snapshot.aggregateID) == snapshot)
        try await server.restart()
        #expect(try await store.latest(of: snapshot.aggregateID) == nil)
        try await Eventually.holds("a snapshot on the restarted server") {
            try await store.save(snapshot)
            return try await store.latest(of: snapshot.aggregateID) == snapshot
        }
        try await server.stop()
    }

    /// Of two servers one hangs. Callers of the other one make progress, although as many threads as can be spared wait for it.
    @Test func hangingServerKeepsNobodyFromTheOther() async throws {
        let servers = [try MemcachedBench.server(), try MemcachedBench.server()]
        for server in servers { try await server.start() }
        let ports = servers.map(\.port)
        let configuration = MemcachedBench.configuration(ports) { $0.requestTimeout = .seconds(2) }
        let store = try MemcachedSnapshotStore(configuration)
        // Which server has which aggregate.
        var onFirst: [AggregateID] = []
        var onSecond: [AggregateID] = []
        for number in 1 ... 300 as ClosedRange<UInt64> {
            try await store.save(MemcachedBench.snapshot(of: number))
        }
        for (server, isFirst) in zip(ports, [true, false]) {
            var alone = configuration
            alone.servers = [MemcachedServer(host: "127.0.0.1", port: server)]
            let one = try MemcachedSnapshotStore(alone)
            for number in 1 ... 300 as ClosedRange<UInt64> {
                let id = AggregateID(number: number)
                guard try await one.latest(of: id) != nil else { continue }
                if isFirst { onFirst.append(id) } else { onSecond.append(id) }
            }
        }
        #expect(onFirst.count + onSecond.count == 300)
        #expect(onFirst.count > 60 && onSecond.count > 60)

        try await servers[0].suspend()
        let ended = Shared<[String]>([])
        let slow = onFirst[0]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let found = try await store.latest(of: slow)
                #expect(found == nil)
                ended.change { $0.append("slow") }
            }
            for id in onSecond.prefix(60) + onSecond.prefix(40) {
                group.addTask {
                    let found = try await store.latest(of: id)
                    #expect(found != nil)
                    ended.change { $0.append("quick") }
                }
            }
            try await group.waitForAll()
        }
        #expect(ended.value == Array(repeating: "quick", count: 100) + ["slow"])
        servers[0].signal(SIGCONT)

        // Killed, it takes its own with it and no others.
        try await servers[0].kill()
        for id in onFirst.prefix(10) { #expect(try await store.latest(of: id) == nil) }
        for id in onSecond { #expect(try await store.latest(of: id) != nil) }
        try await servers[1].stop()
    }
}

extension MemcachedOutageTests {
    /// A server was stopped, not killed. Each load of its snapshots took the whole timeout on one of four threads, for each client had
    /// to find out for itself, and again after each interval; 100 callers of the other server fell from 3,100 to 10 loads a second.
    @Test func aServerThatHangsIsTriedByOneCallerInAnInterval() async throws {
        let server = try MemcachedBench.server()
        try await server.start()
        let logs = RecordedLogs()
        let now = Shared(ContinuousClock.now)
        // A day passes between two lines, so that each is written.
        let day = Shared<Int64>(0)
        let configuration = MemcachedBench.configuration([server.port], logs: logs) {
            $0.requestTimeout = .milliseconds(300)
            $0.retryInterval = .seconds(3600)
            $0.clock = WallClock {
                day.change { $0 += 1 }
                return Timestamp(microsecondsSince1970: day.value * 86_400_000_000)
            }
            $0.now = { now.value }
        }
        let store = try MemcachedSnapshotStore(configuration)
        let snapshot = MemcachedBench.snapshot()
        try await store.save(snapshot)
        try await server.suspend()
        for interval in 1 ... 3 {
            // As many as hang before the first has failed, which are no more than there are threads.
            for _ in 0 ..< 300 { #expect(try await store.latest(of: snapshot.aggregateID) == nil) }
            let lines = logs.lines
            #expect(lines.count == 300 * interval)
            #expect(lines.filter { $0.contains("is left alone") }.count == 299 * interval)
            now.change { $0 += .seconds(3600) }
        }
        // Many at the same time: one tries, and the others do not wait for it.
        await withTaskGroup(of: Void.self) { group in
            for _ in 0 ..< 300 {
                group.addTask { _ = try? await store.latest(of: snapshot.aggregateID) }
            }
        }
        #expect(logs.lines.filter { !$0.contains("is left alone") }.count == 4)
        server.signal(SIGCONT)
        now.change { $0 += .seconds(3600) }
        try await Eventually.holds("a snapshot of the server that goes on") {
            now.change { $0 += .seconds(3600) }
            return try await store.latest(of: snapshot.aggregateID) == snapshot
        }
        try await server.stop()
    }

    /// What waits for a thread goes without a snapshot when its time is over: with one connection, the last of 100 loads waited for
    /// 99 timeouts.
    @Test func loadsThatWaitForAThreadEndInTheirTime() async throws {
        let server = try MemcachedBench.server()
        try await server.start()
        let logs = RecordedLogs()
        let configuration = MemcachedBench.configuration([server.port], logs: logs) {
            $0.connectionCount = 1
            $0.requestTimeout = .seconds(2)
            // Long enough for a machine that is busy, on which 1 ms was over before anything hung.
            $0.connectTimeout = .milliseconds(200)
            $0.logInterval = .zero
            // Nobody is left alone, so that each load that gets a thread hangs.
            $0.retryInterval = .milliseconds(1)
            $0.now = { ContinuousClock.now + .seconds(Int.random(in: 0 ... 1) * 3600) }
        }
        let store = try MemcachedSnapshotStore(configuration)
        try await store.save(MemcachedBench.snapshot())
        try await server.suspend()
        let ended = Shared(0)
        for _ in 0 ..< 100 {
            Task {
                _ = try await store.latest(of: MemcachedBench.snapshot().aggregateID)
                ended.change { $0 += 1 }
            }
        }
        try await Eventually.holds("the end of all loads") { ended.value == 100 }
        #expect(logs.lines.contains { $0.contains("all connections were busy") })
        server.signal(SIGCONT)
        try await server.stop()
    }

    @Test func choicesThatKeepNothingAreRefused() throws {
        for change: (inout MemcachedConfiguration) -> Void in [
            { $0.expiry = .zero }, { $0.expiry = .seconds(-1) }, { $0.requestTimeout = .zero },
            { $0.retryInterval = .zero },
        ] {
            var configuration = MemcachedConfiguration(servers: [MemcachedServer(host: "localhost")])
            change(&configuration)
            let error = #expect(throws: StoreError.self) { try MemcachedSnapshotStore(configuration) }
            #expect(error?.code == .invalidArgument)
        }
    }
}
