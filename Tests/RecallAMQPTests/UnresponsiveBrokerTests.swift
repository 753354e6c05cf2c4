// Brokers that take nothing, say nothing or block publishers: every call ends, no event is blamed, and what was not delivered arrives
// when the broker is well again. A call without a bound never ends, and so does its test: how late one ends on a busy machine decides
// nothing, and what is to succeed within a short time is tried again where it did not.

import Foundation
import Logging
import Recall
import RecallServerTestSupport
import RecallTestKit
import Testing

@testable import RecallAMQP

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite(.serialized, .needsRabbitMQ) struct UnresponsiveBrokerTests {
    /// A node that a test can take the memory from without harm to others.
    private static let brokerTask = Task {
        let broker = try RabbitMQBroker()
        try await broker.start()
        return broker
    }

    private static var broker: RabbitMQBroker { get async throws { try await brokerTask.value } }

    private static func configuration(
        _ port: UInt16, exchange: String = UUID().uuidString, heartbeat: Int = 0
    ) -> AMQPConfiguration {
        var configuration = AMQPConfiguration(
            host: "localhost", port: port,
            credentials: AMQPCredentials(user: "writer", password: RabbitMQBroker.password))
        configuration.exchange = AMQPExchange(name: exchange)
        configuration.backOff = BackOff(first: .zero, max: .zero)
        configuration.heartbeat = .seconds(heartbeat)
        configuration.logger = .init(label: "test", factory: { _ in RecordedWarnings() })
        return configuration
    }

    /// An event of a graph of its own.
    private static func event(_ position: UInt64, bytes: Int = 10) -> RecordedEvent {
        RecordedEvent(
            NewEvent(
                id: EventID(number: position), aggregateID: AggregateID(number: position), type: "Told",
                payload: Data(count: bytes)),
            position: Position(position), version: 1, time: Timestamp(microsecondsSince1970: 0))
    }

    /// More than all sockets on the way hold.
    private static func manyBytes(from position: UInt64) -> [RecordedEvent] {
        (position ..< position + 60).map { event($0, bytes: 900_000) }
    }

    /// What a routing fails with, which takes `time` at least.
    /// - Parameter text: what the error says; one that says something else is that of a broker which is busy.
    private static func failure(
        after time: Duration = .zero, _ router: AMQPEventRouter, _ events: [RecordedEvent],
        saying text: String? = nil
    ) async throws -> EventRoutingError {
        try await Eventually.value(of: "an error that says \(text ?? "anything")", within: .seconds(120)) {
            let start = ContinuousClock.now
            let error = await #expect(throws: EventRoutingError.self) { try await router.route(events) }
            let taken = ContinuousClock.now - start
            guard let error else { throw ServerSupportError("The broker took everything.") }
            if let text, !"\(error)".contains(text) { return nil }
            #expect(taken >= time)
            return error
        }
    }

    /// Routes events, and again where their time was too short.
    private static func deliver(_ router: AMQPEventRouter, _ events: [RecordedEvent]) async throws {
        try await Eventually.holds("a delivery", within: .seconds(120)) {
            do {
                try await router.route(events)
                return true
            } catch let error as EventRoutingError where error.isTransient {
                return false
            }
        }
    }

    // MARK: Peers that do not answer or read

    @Test(arguments: [false, true])
    func peerThatSaysNothingIsGivenUp(isEncrypted: Bool) async throws {
        let port = try LoopbackPort.free()
        let listener = try LoopbackSocket.listening(at: port)
        defer { close(listener) }
        var configuration = Self.configuration(port)
        configuration.connectTimeout = .milliseconds(300)
        if isEncrypted {
            configuration.tls = AMQPTLS(authorityPath: try await RabbitMQBroker.shared.authorityPath)
        }
        let router = try AMQPEventRouter(configuration)
        let error = try await Self.failure(after: .milliseconds(250), router, [Self.event(1)])
        #expect(error.isTransient && error.unroutedPositions == 1 ... 1)
    }

    /// The time of a confirmation was counted over all messages that were sent together. Over a slow line, all of them were sent again and again,
    /// though each arrived in its time.
    @Test func manyMessagesOverASlowLineAreConfirmedOneAfterTheOther() async throws {
        let broker = try await RabbitMQBroker.shared
        // 1 KiB in two milliseconds: 64 KiB a message, each of which takes much less than the time that all take.
        let proxy = try LoopbackProxy(to: broker.port) {
            (
                requests: { bytes in
                    usleep(UInt32(bytes.count * 2))
                    return bytes.count
                },
                answers: { $0.count }
            )
        }
        defer { proxy.stop() }
        var configuration = Self.configuration(proxy.port)
        configuration.confirmTimeout = .seconds(3)
        let queue = try TestQueue(UUID().uuidString, at: broker.port, exchange: configuration.exchange.name)
        var position: UInt64 = 1
        // On a machine that is busy the broker may be silent for longer; then others are tried.
        try await Eventually.holds("a call that takes longer than a message may", within: .seconds(240)) {
            let events = (position ..< position + 50).map { Self.event($0, bytes: 64 << 10) }
            position += 50
            let router = try AMQPEventRouter(configuration)
            defer { router.close() }
            let start = ContinuousClock.now
            do {
                try await router.route(events)
            } catch let error as EventRoutingError where error.isTransient {
                return false
            }
            #expect(ContinuousClock.now - start > configuration.confirmTimeout)
            return true
        }
        withExtendedLifetime(queue) {}
    }

    /// A send into a full socket had no bound: without heartbeats none at all, and with them the broker's patience.
    @Test(arguments: [(false, 0), (true, 0), (false, 1)])
    func brokerThatReadsNothingIsGivenUp(isEncrypted: Bool, heartbeat: Int) async throws {
        let broker = try await RabbitMQBroker.shared
        let proxy = try StallingProxy(to: isEncrypted ? broker.tlsPort : broker.port)
        defer { proxy.stop() }
        var configuration = Self.configuration(proxy.port, heartbeat: heartbeat)
        // Longer than two beats, after which the client thinks a silent broker dead; this one is not silent.
        configuration.confirmTimeout = .seconds(heartbeat == 0 ? 1 : 4)
        if isEncrypted { configuration.tls = AMQPTLS(authorityPath: broker.authorityPath) }
        let queue = try TestQueue(UUID().uuidString, at: broker.port, exchange: configuration.exchange.name)
        let router = try AMQPEventRouter(configuration)
        try await Self.deliver(router, [Self.event(1)])
        proxy.stall()
        let events = Self.manyBytes(from: 2)
        let time = configuration.confirmTimeout
        let error = try await Self.failure(
            after: time - .milliseconds(50), router, events, saying: "took or confirmed nothing for")
        #expect(error.isTransient && error.unroutedPositions == 2 ... 61)
        proxy.resume()
        try await Self.deliver(router, [Self.event(2)])
        #expect(try queue.take().map(\.id).prefix(1) == [Self.event(1).id.description])
    }

    @Test(arguments: [false, true])
    func connectionsToABrokerThatReadsNothingAreClosedAllTheSame(isGivenUp: Bool) async throws {
        let broker = try await RabbitMQBroker.shared
        let proxy = try StallingProxy(to: broker.port)
        defer { proxy.stop() }
        var configuration = Self.configuration(proxy.port)
        configuration.connectTimeout = .milliseconds(500)
        configuration.confirmTimeout = .milliseconds(500)
        var router: AMQPEventRouter? = try AMQPEventRouter(configuration)
        if let router { try await Self.deliver(router, [Self.event(1)]) }
        var connection: AMQPConnection? = try await Eventually.value(of: "a connection") {
            try? AMQPConnection(configuration)
        }
        try await Eventually.holds("the router's connection and another") { proxy.openCount == 2 }
        proxy.stall()
        if isGivenUp {
            _ = await #expect(throws: EventRoutingError.self) {
                try await router?.route(Self.manyBytes(from: 2))
            }
        }
        router = nil
        connection?.close()
        connection = nil
        proxy.resume()
        try await Eventually.holds("the end of both") { proxy.openCount == 0 }
    }

    /// A router that lives closes what it has given up, whether the broker refused a message or reads nothing.
    @Test func givenUpConnectionsDoNotStayOpen() async throws {
        let broker = try await RabbitMQBroker.shared
        let proxy = try StallingProxy(to: broker.port)
        defer { proxy.stop() }
        var configuration = Self.configuration(proxy.port)
        configuration.confirmTimeout = .seconds(1)
        let router = try AMQPEventRouter(configuration)
        let large = Self.event(1, bytes: RabbitMQBroker.messageBytesMax + 1)
        try await Eventually.holds("a refusal", within: .seconds(120)) {
            try await !Self.failure(router, [large]).isTransient
        }
        try await Eventually.holds("the end of the connection") { proxy.openCount == 0 }
        try await Self.deliver(router, [Self.event(1)])
        try await Eventually.holds("one connection") { proxy.openCount == 1 }
        proxy.stall()
        _ = try await Self.failure(router, Self.manyBytes(from: 2))
        proxy.resume()
        try await Eventually.holds("the end of the other") { proxy.openCount == 0 }
    }

    // MARK: A broker out of memory

    /// RabbitMQ blocks publishers then: it stops to read, and goes on with its heartbeats, so that a send into a full socket is ended
    /// by the clock alone.
    @Test func brokerWithoutMemoryIsWaitedForAndNothingIsParked() async throws {
        let broker = try await Self.broker
        let beats = [0, 1]
        var deliveries: [Delivery] = []
        for beat in beats { deliveries.append(try await Delivery(to: broker, heartbeat: beat)) }
        let made = deliveries
        try await broker.control("set_vm_memory_high_watermark", "0")
        do {
            try await withThrowingTaskGroup { group in
                for delivery in made { group.addTask { try await delivery.expectWaiting() } }
                for beat in beats {
                    group.addTask {
                        var configuration = Self.configuration(broker.port, heartbeat: beat)
                        configuration.confirmTimeout = .seconds(4)
                        let router = try AMQPEventRouter(configuration)
                        let error = try await Self.failure(
                            after: .milliseconds(3_950), router, Self.manyBytes(from: 1),
                            saying: "took or confirmed nothing for 4.0")
                        #expect(error.isTransient)
                    }
                }
                try await group.waitForAll()
            }
        } catch {
            try await broker.control("set_vm_memory_high_watermark", "0.4")
            throw error
        }
        try await broker.control("set_vm_memory_high_watermark", "0.4")
        for delivery in made { try await delivery.expectArrival() }
    }

    /// A relay that feeds a queue of its own.
    private final class Delivery: Sendable {
        private let broker: RabbitMQBroker
        private let exchange = UUID().uuidString
        private let relay: Relay

        init(to broker: RabbitMQBroker, heartbeat: Int) async throws {
            self.broker = broker
            var configuration = UnresponsiveBrokerTests.configuration(
                broker.port, exchange: exchange, heartbeat: heartbeat)
            configuration.confirmTimeout = .seconds(1)
            _ = try TestQueue(exchange, at: broker.port, exchange: exchange)
            let store = MemoryEventStore()
            for number in 1 ... 100 as ClosedRange<UInt64> {
                _ = try await store.append(
                    Commit(events: [
                        NewEvent(
                            id: EventID(number: number), aggregateID: AggregateID(number: number % 23),
                            type: "Told", payload: Data(count: 100_000))
                    ]))
            }
            var choices = RelayConfiguration()
            choices.attemptCountMax = 1
            choices.backOff = BackOff(first: .milliseconds(10), max: .milliseconds(10))
            choices.logger = Logger(label: "test", factory: { _ in RecordedWarnings() })
            relay = try Relay(
                reading: store, feeding: try AMQPEventRouter(configuration),
                keepingStateIn: MemoryRelayStateStore(), configuration: choices)
        }

        func expectWaiting() async throws {
            let relay = relay
            let running = Task { try await relay.run() }
            try await Eventually.holds("three failures", within: .seconds(120)) {
                let counts = try await relay.status().counts
                return counts.transientFailureCount >= 3
                    && counts.lastFailure?.contains("blocks publishers (\"low on memory\")") == true
            }
            running.cancel()
            _ = await running.result
            let status = try await relay.status()
            #expect(status.parkedEventCount == 0 && status.cursor < 100)
        }

        func expectArrival() async throws {
            try await relay.drain()
            #expect(try await relay.parked().isEmpty)
            let queue = try TestQueue(exchange, at: broker.port, exchange: exchange)
            var positions: [UInt64] = []
            for message in try queue.take() {
                let position = try #require(message.headers["cloudEvents:position"].flatMap(UInt64.init))
                if !positions.contains(position) { positions.append(position) }
            }
            #expect(positions.sorted() == Array(1 ... 100))
            for graph in Dictionary(grouping: positions, by: { $0 % 23 }).values {
                #expect(graph == graph.sorted())
            }
        }
    }

    // MARK: A broker with frames of other sizes

    @Test func frameOfTheBrokersSizeIsTheLimit() async throws {
        let broker = try await Self.broker
        let configuration = Self.configuration(broker.port)
        let name = UUID().uuidString
        let queue = try TestQueue(name, at: broker.port, exchange: configuration.exchange.name)
        // As much as a store takes.
        var metadata = EventMetadata()
        for number in 10 ..< 74 {
            metadata["\(number)" + String(repeating: "k", count: 237)] = String(repeating: "v", count: 8192)
        }
        let tags = (10 ..< 74).map { EventTag("\($0)" + String(repeating: "t", count: 253)) }
        let large = RecordedEvent(
            NewEvent(
                aggregateID: AggregateID(number: 1), type: "Told", metadata: metadata, tags: tags,
                payload: Data(count: 10)),
            position: 1, version: 1, time: Timestamp(microsecondsSince1970: 0))
        try await broker.control("eval", "application:set_env(rabbit, frame_max, 8192).")
        let error = try await Self.failure(try AMQPEventRouter(configuration), [large, Self.event(2)])
        #expect(!error.isTransient && "\(error)".contains("the broker takes 8192"))
        #expect(try queue.take().map(\.id) == [Self.event(2).id.description])
        try await broker.control("eval", "application:set_env(rabbit, frame_max, 1048576).")
        try await AMQPEventRouter(configuration).route([large])
        // Who takes it needs frames as large.
        let messages = try TestQueue(name, at: broker.port, exchange: configuration.exchange.name).take()
        try await broker.control("eval", "application:set_env(rabbit, frame_max, 131072).")
        #expect(messages.map(\.id) == [large.id.description])
        #expect(messages.last?.lists == ["recall-tags": tags.map(\.rawValue)])
        for (key, value) in metadata.values {
            #expect(messages.last?.headers["recall-metadata-\(key)"] == value)
        }
    }
}
