// The story: a server went away while 32 callers were at work. Each call had 30 seconds, which began when one of 8 threads got to
// it; so the last ones failed after two minutes, and a health check behind 200 readers heard nothing for a quarter of an hour. The
// time of a call begins when it is made.

import Foundation
import Recall
import RecallServerTestSupport
import Testing

@testable import RecallRedis

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite(.serialized, .needsRedis) struct RedisDeadlineTests {
    @Test(arguments: [true, false])
    func allCallsFailInTheTimeOfOne(isKilled: Bool) async throws {
        let server = try await RedisServer.started()
        var configuration = server.configuration()
        configuration.connectionCountMax = 2
        configuration.retryDuration = .seconds(2)
        configuration.connectTimeout = .seconds(1)
        configuration.commandTimeout = .seconds(1)
        let store = try await RedisEventStore.open(configuration)
        if isKilled { try await server.process.kill() } else { try await server.process.suspend() }
        // One after the other they would take four minutes.
        let calls = (0 ..< 240).map { number in
            Task { () -> StoreError? in
                do throws(StoreError) {
                    if number % 2 == 0 {
                        _ = try await store.append(.one)
                    } else {
                        _ = try await store.read(EventQuery())
                    }
                    return nil
                } catch {
                    return error
                }
            }
        }
        let ended = Shared(0)
        for call in calls {
            Task {
                let error = await call.value
                #expect(error?.code == .unavailable)
                #expect(error?.message.contains("\(server.address)") == true, "\(error?.message ?? "")")
                ended.change { $0 += 1 }
            }
        }
        try await Eventually.holds("the end of all calls") { ended.value == calls.count }
        server.process.signal(SIGCONT)
        store.close()
    }

    @Test func whatIsSaidOfTheTimeIsWhatHasPassed() async throws {
        let server = try await RedisServer.started()
        var configuration = server.configuration()
        configuration.retryDuration = .zero
        configuration.connectTimeout = .milliseconds(200)
        configuration.commandTimeout = .milliseconds(300)
        let store = try await RedisEventStore.open(configuration)
        try await server.process.suspend()
        let error = await #expect(throws: StoreError.self) { try await store.lastPosition() }
        // It was said to be "0.0 seconds", which is what was configured.
        let seconds = error?.message.firstMatch(of: /could not be used for ([0-9]+\.[0-9]) s/)?.1
        #expect(seconds.flatMap { Double($0) }.map { $0 >= 0.3 } == true, "\(error?.message ?? "")")
        server.process.signal(SIGCONT)
        store.close()
    }

    @Test func aHealthCheckGoesPastTwoHundredReaders() async throws {
        let server = try await SharedRedis.server()
        let proxy = try LossyProxy(to: server.process.port)
        defer { proxy.stop() }
        var configuration = server.configuration(through: proxy)
        configuration.commandTimeout = .seconds(120)
        let store = try await RedisEventStore.open(configuration)
        _ = try await store.append(.one)
        let count = configuration.connectionCountMax
        proxy.add(Array(repeating: .stalls, count: count))
        let readers = (0 ..< 200).map { _ in Task { try await store.read(EventQuery()).events.count } }
        try await Eventually.holds("all threads to hang") { proxy.stalledCount == count }
        #expect(try await store.lastPosition() == 1)
        #expect(proxy.stalledCount == count)
        proxy.release()
        for reader in readers { #expect(try await reader.value == 1) }
        store.close()
    }
}
