// A broker that takes some messages and not others, and one that is left alone: what comes again, and what is said.

import Foundation
import Logging
import Recall
import RecallAMQP
import RecallServerTestSupport
import RecallTestKit
import Testing

@Suite(.serialized) struct AMQPFullQueueTests {
    private static func configuration(
        _ exchange: String = UUID().uuidString, _ change: (inout AMQPConfiguration) -> Void = { _ in }
    ) async throws -> AMQPConfiguration {
        var configuration = AMQPConfiguration(
            host: "127.0.0.1", port: try await RabbitMQBroker.shared.port,
            credentials: AMQPCredentials(user: "writer", password: RabbitMQBroker.password))
        configuration.exchange = AMQPExchange(name: exchange)
        configuration.backOff = BackOff(first: .zero, max: .zero)
        configuration.logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        change(&configuration)
        return configuration
    }

    private static func event(
        _ position: Position, root: UInt64 = 1, type: EventType = "Told",
        aggregateType: AggregateType = "Tale",
        payload: Data = Data("{}".utf8), metadata: EventMetadata = [:]
    ) -> RecordedEvent {
        RecordedEvent(
            NewEvent(
                id: EventID(number: position.rawValue), aggregateID: AggregateID(number: root),
                aggregateType: aggregateType, type: type, metadata: metadata, payload: payload),
            position: position, version: Version(position.rawValue + 100),
            time: Timestamp(microsecondsSince1970: 1_795_428_930_123_456))
    }

    /// What a failed routing says.
    private static func failure(
        _ router: AMQPEventRouter, _ events: [RecordedEvent]
    ) async throws -> EventRoutingError {
        do {
            try await router.route(events)
        } catch let error as EventRoutingError {
            return error
        }
        throw ServerSupportError("The events got through.")
    }

    /// An exchange has two queues, one of which is full and rejects. Each event that both want was refused (`nack`), the connection was
    /// dropped for it, and all that stood behind was sent again: the healthy queue got 2,790 messages for 255 events in a minute, without
    /// end.
    @Test func aFullQueueFillsNoOther() async throws {
        let port = try await RabbitMQBroker.shared.port
        let connections = Shared(0)
        let proxy = try LoopbackProxy(to: port) {
            connections.change { $0 += 1 }
            return (requests: { $0.count }, answers: { $0.count })
        }
        defer { proxy.stop() }
        let configuration = try await Self.configuration { $0.port = proxy.port }
        let exchange = configuration.exchange.name
        let healthy = try TestQueue(UUID().uuidString, at: port, exchange: exchange)
        let full = try TestQueue(
            UUID().uuidString, at: port, exchange: exchange, key: "*.Wanted", lengthMax: 1)
        let router = try AMQPEventRouter(configuration)
        let events = (1 ... 255 as ClosedRange<UInt64>).map {
            Self.event(Position($0), root: $0, type: $0 % 5 == 0 ? "Wanted" : "Told")
        }
        // As a relay does: from the first that is not confirmed, again and again.
        var left = events[...]
        for _ in 0 ..< 100 {
            do {
                try await router.route(Array(left))
                left = []
            } catch let error as EventRoutingError {
                #expect(error.isTransient)
                let first = error.unroutedPositions.lowerBound
                left = left.drop { $0.position < first }
            }
        }
        #expect(left.first?.type == "Wanted")
        #expect(connections.value == 1, "a refusal costs no connection")
        var ids = try healthy.take().map(\.id)
        // The front is what came again, and little else.
        #expect(ids.count <= 255 + 110, "\(ids.count)")
        _ = try full.take()
        // With room again, all gets through, and nothing that was confirmed is sent once more.
        while !left.isEmpty {
            do {
                try await router.route(Array(left))
                left = []
            } catch let error as EventRoutingError {
                let first = error.unroutedPositions.lowerBound
                left = left.drop { $0.position < first }
                _ = try full.take()
            }
        }
        ids += try healthy.take().map(\.id)
        #expect(Set(ids) == Set(events.map { $0.id.description }))
        for event in events where event.type == "Told" {
            #expect(ids.filter { $0 == event.id.description }.count == 1)
        }
        router.close()
    }

    @Test func aPauseSaysWhatItIsFor() async throws {
        let configuration = try await Self.configuration {
            $0.exchange.kind = "fanout"
            $0.backOff = BackOff(first: .seconds(3600), max: .seconds(3600), jitter: 0)
        }
        // The exchange is there and is another: 406, which nobody was told after the first time.
        var other = configuration
        other.exchange.kind = "topic"
        let first = try AMQPEventRouter(other)
        try await first.route([Self.event(1)])
        let router = try AMQPEventRouter(configuration)
        for _ in 0 ..< 3 {
            let error = try await Self.failure(router, [Self.event(1)])
            let cause = try #require(error.causes.first as? AMQPError)
            #expect(cause.replyCode == 406)
            #expect(cause.message.contains("(406)"), "\(cause.message)")
        }
        first.close()
        router.close()
    }
}
