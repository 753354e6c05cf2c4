// What becomes of metadata and tags: each gets to the consumer, or the event is refused.

import Foundation
import Logging
import Recall
import RecallServerTestSupport
import RecallTestKit
import Testing

@testable import RecallAMQP

@Suite(.needsRabbitMQ) struct AMQPHeaderTests {
    private static func event(
        _ position: UInt64, metadata: EventMetadata = [:], tags: [EventTag] = []
    ) -> RecordedEvent {
        RecordedEvent(
            NewEvent(
                id: EventID(number: position), aggregateID: AggregateID(number: position), type: "Told",
                metadata: metadata, tags: tags, payload: Data()),
            position: Position(position), version: 1, time: Timestamp(microsecondsSince1970: 0))
    }

    private static let longKey = String(repeating: "k", count: 239)

    /// Keys and values of metadata, and the headers that they come as.
    private static let cases: [(key: String, value: String, header: String)] = [
        ("traceparent", "00-4bf9-00f0-01", "cloudEvents:traceparent"),
        ("tracestate", "a=1", "cloudEvents:tracestate"),
        ("7", "x", "cloudEvents:7"),
        ("abcdefghijklmnopqrst", "x", "cloudEvents:abcdefghijklmnopqrst"),
        ("größe", "x", "recall-metadata-größe"),
        ("abcdefghijklmnopqrstu", "x", "recall-metadata-abcdefghijklmnopqrstu"),
        ("tenantId", "größe 👩‍🚀", "recall-metadata-tenantId"),
        ("tenantid", "x", "cloudEvents:tenantid"),
        ("", "x", "recall-metadata-"),
        ("a b", "x", "recall-metadata-a b"),
        (longKey, "x", "recall-metadata-\(longKey)"),
        // Values that no attribute may have.
        ("empty", "", "recall-metadata-empty"),
        ("lines", "a\nb", "recall-metadata-lines"),
        ("zero", "a\0b", "recall-metadata-zero"),
        ("control", "\u{85}", "recall-metadata-control"),
        (
            "noncharacter", String(decoding: [0xEF, 0xBF, 0xBE], as: UTF8.self),
            "recall-metadata-noncharacter"
        ),
        ("plane", String(decoding: [0xF0, 0x9F, 0xBF, 0xBF], as: UTF8.self), "recall-metadata-plane"),
        ("arabic", String(decoding: [0xEF, 0xB7, 0x90], as: UTF8.self), "recall-metadata-arabic"),
        ("causationId", "a\u{7}", "recall-metadata-causationId"),
        // Names that mean something else.
        ("specversion", "x", "recall-metadata-specversion"), ("id", "x", "recall-metadata-id"),
        ("source", "x", "recall-metadata-source"), ("type", "x", "recall-metadata-type"),
        ("time", "x", "recall-metadata-time"), ("subject", "x", "recall-metadata-subject"),
        ("data", "x", "recall-metadata-data"), ("datacontenttype", "x", "recall-metadata-datacontenttype"),
        ("dataschema", "x", "recall-metadata-dataschema"), ("rootid", "x", "recall-metadata-rootid"),
        ("aggregateid", "x", "recall-metadata-aggregateid"),
        ("aggregatetype", "x", "recall-metadata-aggregatetype"),
        ("aggregateversion", "x", "recall-metadata-aggregateversion"),
        ("position", "x", "recall-metadata-position"),
        ("schemaversion", "x", "recall-metadata-schemaversion"),
        ("correlationid", "x", "recall-metadata-correlationid"),
        ("causationid", "x", "recall-metadata-causationid"),
    ]

    @Test func metadataAndTagsArrive() async throws {
        let broker = try await RabbitMQBroker.shared
        let exchange = UUID().uuidString
        let queue = try TestQueue(exchange, at: broker.port, exchange: exchange)
        let router = try AMQPEventRouter(Self.configuration(broker, exchange))
        var metadata: EventMetadata = ["correlationId": "c"]
        for (key, value, _) in Self.cases { metadata[key] = value }
        let tags: [EventTag] = ["a", "größe", "", "a"]
        try await router.route([Self.event(1, metadata: metadata, tags: tags), Self.event(2)])
        let messages = try queue.take()
        try #require(messages.count == 2)
        let bare = messages[1].headers
        var expected = messages[0].headers.filter { bare[$0.key] != nil }
        #expect(Set(expected.keys) == Set(bare.keys))
        for (_, value, header) in Self.cases { expected[header] = value }
        expected["cloudEvents:correlationid"] = "c"
        #expect(messages[0].headers == expected)
        #expect(messages[0].lists == ["recall-tags": tags.map(\.rawValue)])
        #expect(messages[1].lists.isEmpty)
    }

    /// rabbitmq-c finds a frame too large in the middle of a message, after which the connection is of no use: the relay would
    /// have sent the event again for ever, and nothing behind it.
    @Test func frameThatIsTooLargeIsARefusalOfItsEventAlone() async throws {
        let broker = try await RabbitMQBroker.shared
        let exchange = UUID().uuidString
        let queue = try TestQueue(exchange, at: broker.port, exchange: exchange)
        let lost = RecordedWarnings()
        var configuration = Self.configuration(broker, exchange)
        configuration.logger = .init(label: "test", factory: { _ in lost })
        let router = try AMQPEventRouter(configuration)
        let fitting = try Self.event(1, metadata: Self.metadata(ofFrame: 131_072))
        try await router.route([fitting])
        let large = try Self.event(2, metadata: Self.metadata(ofFrame: 131_073))
        let error = await #expect(throws: EventRoutingError.self) {
            try await router.route([large, Self.event(3)])
        }
        #expect(error?.isTransient == false && error?.unroutedPositions == 2 ... 3)
        #expect(error?.description.contains("131073 bytes, and the broker takes 131072") == true)
        let tagged = Self.event(
            4, tags: (0 ..< 600).map { EventTag("\($0)" + String(repeating: "t", count: 250)) })
        let second = await #expect(throws: EventRoutingError.self) { try await router.route([tagged]) }
        #expect(second?.isTransient == false)
        try await router.route([Self.event(5)])
        let messages = try queue.take()
        #expect(messages.map(\.id) == [1, 3, 5].map { EventID(number: $0).description })
        #expect(messages.first?.headers["cloudEvents:m"] == fitting.metadata["m"])
        #expect(lost.lines == [])
    }

    @Test func relayParksAnEventWhoseFrameIsTooLarge() async throws {
        let broker = try await RabbitMQBroker.shared
        let exchange = UUID().uuidString
        let queue = try TestQueue(exchange, at: broker.port, exchange: exchange)
        let store = MemoryEventStore()
        var limits: [EventMetadata] = [[:], [:], [:]]
        for key in 0 ..< 20 { limits[1]["\(key)"] = String(repeating: "x", count: 8192) }
        for (index, metadata) in limits.enumerated() {
            _ = try await store.append(
                Commit(events: [
                    NewEvent(
                        id: EventID(number: UInt64(index)), aggregateID: AggregateID(number: UInt64(index)),
                        type: "Told", metadata: metadata, payload: Data())
                ]))
        }
        var choices = RelayConfiguration()
        choices.sleep = { _ in }
        choices.logger = Logger(label: "test", factory: { _ in RecordedWarnings() })
        let relay = try Relay(
            reading: store, feeding: try AMQPEventRouter(Self.configuration(broker, exchange)),
            keepingStateIn: MemoryRelayStateStore(), configuration: choices)
        try await relay.drain()
        #expect(try await relay.parked().map(\.position) == [2])
        #expect(try await relay.parked().first?.cause.contains("raise frame_max") == true)
        #expect(try Set(queue.take().map(\.id)) == Set([0, 2].map { EventID(number: $0).description }))
    }

    static func configuration(_ broker: RabbitMQBroker, _ exchange: String) -> AMQPConfiguration {
        var configuration = AMQPConfiguration(
            host: "127.0.0.1", port: broker.port,
            credentials: AMQPCredentials(user: "writer", password: RabbitMQBroker.password))
        configuration.exchange = AMQPExchange(name: exchange)
        configuration.backOff = BackOff(first: .zero, max: .zero)
        configuration.logger = .init(label: "test", factory: { _ in RecordedWarnings() })
        return configuration
    }

    /// One value that makes the frame of headers just so large.
    private static func metadata(ofFrame bytesCount: Int) throws -> EventMetadata {
        let empty = try AMQPMessage(event(1, metadata: ["m": "x"]), source: "/recall")
        let missing = bytesCount - empty.headerFrameBytesCount
        return ["m": String(repeating: "x", count: 1 + missing)]
    }
}
