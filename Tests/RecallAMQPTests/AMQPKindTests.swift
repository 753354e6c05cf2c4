// The router as settings name it.

import Foundation
import Recall
import RecallAMQP
import RecallTestKit
import Testing

@Suite(.needsRabbitMQ) struct AMQPKindTests {
    @Test func routerIsMadeFromEverySettingThatItNames() async throws {
        let broker = try await RabbitMQBroker.shared
        let exchange = "kind-tests-\(UUID())"
        let settings = SampleSettings([
            "address": "localhost:\(broker.tlsPort)", "user": "writer", "password": RabbitMQBroker.password,
            "virtual_host": "/", "exchange": exchange, "exchange_kind": "topic",
            "is_exchange_durable": "true", "is_exchange_declared": "true", "source": "/kinds",
            "is_mandatory": "false", "connect_timeout": "5000", "confirm_timeout": "30000",
            "heartbeat": "10000", "tls_authority_file": broker.authorityPath, "tls_is_host_verified": "true",
        ])
        let router = try await AMQPEventRouter.make(from: settings)
        #expect(settings.asked == Set(AMQPEventRouter.settingNames.map(\.name)))
        // The first makes the exchange; what no queue is bound for is dropped.
        let event = NewEvent(
            aggregateID: AggregateID(), aggregateType: "Company", type: "Hired", payload: Data("{}".utf8))
        let recorded = RecordedEvent(
            event, position: 1, version: 1, time: Timestamp(microsecondsSince1970: 1))
        try await router.route([recorded])
        let queue = try TestQueue("\(exchange)-all", at: broker.port, exchange: exchange)
        try await router.route([recorded])
        let received = try queue.take()
        #expect(received.map(\.id) == ["\(event.id)"])
        #expect(received.first?.headers["cloudEvents:source"] == "/kinds")
        try await settings.close()
        await #expect(throws: StoreError.self) { try await router.route([recorded]) }
    }

    @Test(arguments: [
        ([:], "address"), (["address": "a:b"], "address"), (["address": "a"], "user"),
        (["address": "a", "user": "u"], "password"),
        (["address": "a", "user": "u", "password": "p", "tls_key_file": "k"], "tls_authority_file"),
        (["address": "a", "user": "u", "password": "p", "is_mandatory": "perhaps"], "is_mandatory"),
    ])
    func wrongSettingIsRejected(values: [String: String], wrong: String) async throws {
        let rejection = await #expect(throws: SampleSettings.Rejection.self) {
            try await AMQPEventRouter.make(from: SampleSettings(values))
        }
        #expect(rejection?.setting == wrong)
    }
}
