// The router on a real broker: what a message is, in which order messages come, and what is a refusal and what is not.

import Foundation
import Logging
import Recall
import RecallAMQP
import RecallServerTestSupport
import RecallTestKit
import Testing

@Suite(.serialized, .needsRabbitMQ) struct AMQPEventRouterTests {
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

    @Test func messageIsACloudEvent() async throws {
        let configuration = try await Self.configuration { $0.source = "/planet/express" }
        let queue = try TestQueue(
            UUID().uuidString, at: configuration.port, exchange: configuration.exchange.name)
        let router = try AMQPEventRouter(configuration)
        let event = Self.event(
            42, payload: Data([0, 1, 0xFF]),
            metadata: ["correlationId": "größe 7", "causationId": "c"])
        try await router.route([event])
        let message = try #require(try queue.take().first)
        #expect(message.id == event.id.description && message.routingKey == "Tale.Told")
        #expect(message.deliveryMode == 2 && message.contentType == "application/json")
        #expect(message.timestamp == 1_795_428_930 && message.body == event.payload)
        let attributes = [
            "specversion": "1.0", "id": event.id.description, "source": "/planet/express", "type": "Told",
            "time": "2026-11-23T10:15:30.123456Z", "subject": event.aggregateID.description,
            "aggregateid": event.aggregateID.description, "rootid": event.rootID.description,
            "aggregatetype": "Tale", "aggregateversion": "142", "position": "42", "schemaversion": "1",
            "correlationid": "größe 7", "causationid": "c",
        ]
        #expect(
            message.headers
                == Dictionary(uniqueKeysWithValues: attributes.map { ("cloudEvents:\($0.key)", $0.value) }))
    }

    @Test func manyEventsArriveOnceEachInTheOrderOfTheirGraphs() async throws {
        let configuration = try await Self.configuration()
        let queue = try TestQueue(
            UUID().uuidString, at: configuration.port, exchange: configuration.exchange.name)
        let router = try AMQPEventRouter(configuration)
        let events = (1 ... 300 as ClosedRange<UInt64>).map {
            Self.event(Position($0), root: $0 % 37, payload: Data(count: Int($0) * 7))
        }
        for start in stride(from: 0, to: 300, by: 100) {
            try await router.route(Array(events[start ..< start + 100]))
        }
        try await router.route([])
        let messages = try queue.take()
        #expect(messages.count == 300)
        let positions = messages.compactMap { $0.headers["cloudEvents:position"].flatMap(UInt64.init) }
        for root in 0 ..< 37 as Range<UInt64> {
            let ofRoot = positions.filter { $0 % 37 == root }
            #expect(ofRoot == ofRoot.sorted())
        }
        #expect(
            messages.allSatisfy {
                $0.body.count == Int($0.headers["cloudEvents:position"] ?? "").map { $0 * 7 }
            })
    }

    @Test func topicsSelectByAggregateTypeAndEventType() async throws {
        let configuration = try await Self.configuration()
        let tales = try TestQueue(
            UUID().uuidString, at: configuration.port, exchange: configuration.exchange.name, key: "Tale.*")
        let endings = try TestQueue(
            UUID().uuidString, at: configuration.port, exchange: configuration.exchange.name, key: "*.Ended")
        let router = try AMQPEventRouter(configuration)
        try await router.route([
            Self.event(1), Self.event(2, type: "Ended"), Self.event(3, type: "Ended", aggregateType: "War"),
            Self.event(4, type: "Ended", aggregateType: ""), Self.event(5, type: "Not.Ended"),
        ])
        #expect(try tales.take().map(\.routingKey) == ["Tale.Told", "Tale.Ended", "Tale.Not%2EEnded"])
        #expect(try endings.take().map(\.routingKey) == ["Tale.Ended", "War.Ended", ".Ended"])
    }

    @Test func messageThatNoQueueGetsIsRefusedWhereItIsMandatory() async throws {
        let configuration = try await Self.configuration { $0.isMandatory = true }
        let queue = try TestQueue(
            UUID().uuidString, at: configuration.port, exchange: configuration.exchange.name, key: "*.Told")
        let router = try AMQPEventRouter(configuration)
        let events = [
            Self.event(1), Self.event(2, root: 2, type: "Lost"), Self.event(3, root: 2),
            Self.event(4, root: 3),
        ]
        let error = try await Self.failure(router, events)
        #expect(!error.isTransient && error.unroutedPositions == 2 ... 4)
        #expect((error.causes.first as? AMQPError)?.replyCode == 312)
        #expect("\(error)".contains("Tale.Lost"))
        // The one behind it, of the same graph, did not overtake it; the connection is still good.
        #expect(try queue.take().map(\.id) == [events[0].id.description, events[3].id.description])
        try await router.route([events[2]])
        #expect(try queue.take().map(\.id) == [events[2].id.description])

        var optional = configuration
        optional.isMandatory = false
        try await AMQPEventRouter(optional).route([events[1]])
    }

    @Test func messageOverTheBrokersLimitIsRefusedAlone() async throws {
        let configuration = try await Self.configuration()
        let queue = try TestQueue(
            UUID().uuidString, at: configuration.port, exchange: configuration.exchange.name)
        let router = try AMQPEventRouter(configuration)
        let large = Self.event(1, payload: Data(count: RabbitMQBroker.messageBytesMax + 1))
        let error = try await Self.failure(router, [large])
        #expect(!error.isTransient && error.unroutedPositions == 1 ... 1)
        #expect((error.causes.first as? AMQPError)?.replyCode == 406)
        let fitting = Self.event(2, payload: Data(count: RabbitMQBroker.messageBytesMax))
        try await router.route([fitting])
        #expect(try queue.take().map(\.body) == [fitting.payload])
    }

    @Test func namesThatDoNotFitAreRefusedBeforeTheyAreSent() async throws {
        let router = try AMQPEventRouter(try await Self.configuration())
        let events = [
            Self.event(1, type: EventType(String(repeating: "x", count: 251))),
            Self.event(1, type: EventType(String(repeating: ".", count: 90))),
            Self.event(1, metadata: ["correlationId": String(repeating: "x", count: 131_000)]),
            Self.event(1, metadata: [String(repeating: "k", count: 240): "x"]),
        ]
        for event in events {
            let error = try await Self.failure(router, [event, Self.event(2)])
            #expect(!error.isTransient && error.unroutedPositions.lowerBound == 1)
        }
        try await router.route([Self.event(1, type: EventType(String(repeating: "x", count: 250)))])
    }

    @Test func userWhoMayNotWriteThereIsRefused() async throws {
        let denied = try await Self.configuration { $0.credentials.user = "reader" }
        let error = try await Self.failure(try AMQPEventRouter(denied), [Self.event(1)])
        #expect(!error.isTransient && (error.causes.first as? AMQPError)?.replyCode == 403)
        let allowed = try await Self.configuration("allowed") { $0.credentials.user = "reader" }
        try await AMQPEventRouter(allowed).route([Self.event(1)])
    }

    @Test func wrongPasswordIsNoEventsFaultAndIsNeverShown() async throws {
        let configuration = try await Self.configuration { $0.credentials.password = "wrong-and-hidden" }
        let error = try await Self.failure(try AMQPEventRouter(configuration), [Self.event(1)])
        #expect(error.isTransient)
        #expect((error.causes.first as? AMQPError)?.replyCode == 403)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(error)", "\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("wrong-and-hidden"))
        }
    }

    @Test func exchangeThatIsAnotherOrMissingIsNoEventsFault() async throws {
        let name = UUID().uuidString
        try await AMQPEventRouter(try await Self.configuration(name)).route([Self.event(1)])
        let other = try await Self.configuration(name) { $0.exchange.kind = "fanout" }
        #expect(try await Self.failure(AMQPEventRouter(other), [Self.event(1)]).isTransient)
        let missing = try await Self.configuration { $0.exchange.isDeclared = false }
        #expect(try await Self.failure(AMQPEventRouter(missing), [Self.event(1)]).isTransient)
        let there = try await Self.configuration(name) { $0.exchange.isDeclared = false }
        try await AMQPEventRouter(there).route([Self.event(1)])
    }

    @Test func queueThatIsFullIsWaitedFor() async throws {
        let configuration = try await Self.configuration()
        let queue = try TestQueue(
            UUID().uuidString, at: configuration.port, exchange: configuration.exchange.name, lengthMax: 1)
        let router = try AMQPEventRouter(configuration)
        try await router.route([Self.event(1)])
        let error = try await Self.failure(router, [Self.event(2)])
        #expect(error.isTransient && error.unroutedPositions == 2 ... 2)
        #expect(try queue.take().count == 1)
        try await router.route([Self.event(2)])
    }

    @Test func brokerThatIsDownIsAFailureThatPasses() async throws {
        var configuration = try await Self.configuration()
        configuration.port = try LoopbackPort.free()
        configuration.backOff = BackOff(first: .seconds(60), max: .seconds(60), jitter: 0)
        let router = try AMQPEventRouter(configuration)
        let first = try await Self.failure(router, [Self.event(1), Self.event(2)])
        #expect(first.isTransient && first.unroutedPositions == 1 ... 2)
        let second = try await Self.failure(router, [Self.event(1)])
        #expect(second.isTransient && "\(second)".contains("left alone"))
    }

    /// The broker closes a connection that is silent for two beats.
    @Test func idleConnectionIsKept() async throws {
        let lost = RecordedWarnings()
        let configuration = try await Self.configuration {
            $0.heartbeat = .seconds(1)
            $0.logger = Logger(label: "test", factory: { _ in lost })
        }
        let router = try AMQPEventRouter(configuration)
        try await router.route([Self.event(1)])
        let end = ContinuousClock.now + .seconds(4)
        try await Eventually.holds("four seconds") { ContinuousClock.now > end }
        try await router.route([Self.event(2)])
        #expect(lost.lines == [])
    }

    @Test func connectionIsEncryptedAndTheBrokerChecked() async throws {
        let broker = try await RabbitMQBroker.shared
        func configuration(_ authority: String, host: String) async throws -> AMQPConfiguration {
            try await Self.configuration {
                $0.host = host
                $0.port = broker.tlsPort
                $0.tls = AMQPTLS(authorityPath: authority)
            }
        }
        let right = try await configuration(broker.authorityPath, host: "localhost")
        let queue = try TestQueue(UUID().uuidString, at: broker.port, exchange: right.exchange.name)
        try await AMQPEventRouter(right).route([Self.event(1)])
        #expect(try queue.take().count == 1)
        for wrong in [
            try await configuration(broker.strangerPath, host: "localhost"),
            try await configuration(broker.authorityPath, host: "127.0.0.1"),
            try await configuration("/nowhere", host: "localhost"),
        ] {
            #expect(try await Self.failure(AMQPEventRouter(wrong), [Self.event(2)]).isTransient)
        }
        var unnamed = try await configuration(broker.authorityPath, host: "127.0.0.1")
        unnamed.tls?.isHostVerified = false
        try await AMQPEventRouter(unnamed).route([Self.event(3)])
    }

    @Test func routerThatWasClosedRefuses() async throws {
        let router = try AMQPEventRouter(try await Self.configuration())
        router.close()
        let error = await #expect(throws: StoreError.self) { try await router.route([Self.event(1)]) }
        #expect(error?.code == .closed)
    }

    /// The relay waited until it was cancelled, since a closed router is no event's fault.
    @Test func routerThatWasClosedEndsTheRelay() async throws {
        let router = try AMQPEventRouter(try await Self.configuration())
        let store = MemoryEventStore()
        _ = try await store.append(
            Commit(events: [NewEvent(aggregateID: AggregateID(number: 1), type: "Told", payload: Data())]))
        let states = MemoryRelayStateStore()
        let relay = try Relay(reading: store, feeding: router, keepingStateIn: states)
        router.close()
        let error = await #expect(throws: StoreError.self) { try await relay.run() }
        #expect(error?.code == .closed)
        let state = try await states.load()
        #expect(state.cursor == 0 && state.parked.isEmpty && state.refusal == nil)
    }

    @Test func choicesThatMakeNoSenseAreRefused() {
        let changes: [@Sendable (inout AMQPConfiguration) -> Void] = [
            { $0.host = "" }, { $0.host = "a\0b" }, { $0.port = 0 }, { $0.exchange.name = "" },
            { $0.exchange.name = String(repeating: "x", count: 128) }, { $0.virtualHost = "" },
            { $0.source = "" }, { $0.credentials.password = "a\0" },
            // Each of these was taken, and failed with every event, or stopped the process by overflow.
            { $0.confirmTimeout = .zero }, { $0.confirmTimeout = .microseconds(999) },
            { $0.connectTimeout = .microseconds(999) }, { $0.confirmTimeout = .seconds(86_401) },
            { $0.connectTimeout = .seconds(Int64.max) }, { $0.heartbeat = .seconds(-1) },
            { $0.heartbeat = .milliseconds(500) }, { $0.heartbeat = .milliseconds(1500) },
            { $0.heartbeat = .seconds(65_536) }, { $0.heartbeat = .seconds(Int64.max) },
        ]
        for change in changes {
            var configuration = AMQPConfiguration(
                host: "localhost", credentials: AMQPCredentials(user: "u", password: "p"))
            change(&configuration)
            let error = #expect(throws: StoreError.self) { try AMQPEventRouter(configuration) }
            #expect(error?.code == .invalidArgument)
        }
    }

    /// The relay parks what the broker refuses, and delivers the rest.
    @Test func relayParksWhatTheBrokerRefuses() async throws {
        let configuration = try await Self.configuration()
        let queue = try TestQueue(
            UUID().uuidString, at: configuration.port, exchange: configuration.exchange.name)
        let store = MemoryEventStore()
        for number in 1 ... 60 as ClosedRange<UInt64> {
            _ = try await store.append(
                Commit(events: [
                    NewEvent(
                        id: EventID(number: number), aggregateID: AggregateID(number: number % 7),
                        aggregateType: "Tale", type: "Told",
                        payload: Data(count: number == 20 ? RabbitMQBroker.messageBytesMax + 1 : 10))
                ]))
        }
        var choices = RelayConfiguration()
        choices.sleep = { _ in }
        choices.attemptCountMax = 2
        let states = MemoryRelayStateStore()
        let relay = try Relay(
            reading: store, feeding: try AMQPEventRouter(configuration), keepingStateIn: states,
            configuration: choices)
        try await relay.drain()
        #expect(try await relay.parked().map(\.position) == [20])
        #expect(try await relay.parked().first?.cause.contains("406") == true)
        let arrived = Set(try queue.take().map(\.id))
        let expected = (1 ... 60 as ClosedRange<UInt64>).filter { $0 % 7 != 6 || $0 < 20 }
        #expect(arrived == Set(expected.map { EventID(number: $0).description }))
    }
}

/// A log handler that keeps warnings.
struct RecordedWarnings: LogHandler {
    private let recorded = Shared<[String]>([])
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning
    var lines: [String] { recorded.value }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { recorded.change { $0.append("\(event.message)") } }
}
