// The other side: a queue that is bound to an exchange, and what arrives in it.

import CRabbitMQ
import Foundation
import Recall
import RecallServerTestSupport

@testable import RecallAMQP

/// A message as a consumer gets it.
struct ReceivedMessage: Sendable {
    var id: String
    var routingKey: String
    var contentType: String
    var deliveryMode: UInt8
    var timestamp: UInt64
    /// Those that are texts.
    var headers: [String: String]
    /// Those that are arrays of texts.
    var lists: [String: [String]]
    var body: Data
}

/// A durable queue. Its connection belongs to one task.
final class TestQueue {
    private let connection: AMQPConnection
    private let name: String

    /// - Parameters:
    ///   - key: what it is bound by.
    ///   - lengthMax: how many messages it takes, refusing others; nil for all.
    init(
        _ name: String, at port: UInt16, exchange: String, key: String = "#", lengthMax: Int? = nil
    ) throws {
        self.name = name
        var configuration = AMQPConfiguration(
            host: "127.0.0.1", port: port,
            credentials: AMQPCredentials(user: "writer", password: RabbitMQBroker.password))
        configuration.exchange = AMQPExchange(name: exchange)
        configuration.heartbeat = .zero
        connection = try AMQPConnection(configuration)
        let texts = AMQPBytes()
        var entries: [amqp_table_entry_t] = []
        if let lengthMax {
            var length = amqp_table_entry_t()
            length.key = texts.bytes("x-max-length")
            length.value.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            length.value.value.i64 = Int64(lengthMax)
            var overflow = amqp_table_entry_t()
            overflow.key = texts.bytes("x-overflow")
            overflow.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            overflow.value.value.bytes = texts.bytes("reject-publish")
            entries = [length, overflow]
        }
        entries.withUnsafeMutableBufferPointer { entries in
            _ = amqp_queue_declare(
                connection.state, AMQPConnection.channel, texts.bytes(name), 0, 1, 0, 0,
                amqp_table_t(num_entries: Int32(entries.count), entries: entries.baseAddress))
        }
        _ = amqp_queue_bind(
            connection.state, AMQPConnection.channel, texts.bytes(name), texts.bytes(exchange),
            texts.bytes(key), amqp_table_t(num_entries: 0, entries: nil))
        guard amqp_get_rpc_reply(connection.state).reply_type == AMQP_RESPONSE_NORMAL else {
            throw ServerSupportError("The queue \(name) was not made.")
        }
    }

    private static func text(_ value: amqp_field_value_t) throws -> String {
        guard value.kind == UInt8(AMQP_FIELD_KIND_UTF8.rawValue) else {
            throw ServerSupportError("A header is no text.")
        }
        return String(value.value.bytes)
    }

    /// Takes all that is there now.
    func take() throws -> [ReceivedMessage] {
        var messages: [ReceivedMessage] = []
        let texts = AMQPBytes()
        while true {
            amqp_maybe_release_buffers(connection.state)
            let reply = amqp_basic_get(
                connection.state, AMQPConnection.channel, texts.bytes(name), 1)
            guard reply.reply_type == AMQP_RESPONSE_NORMAL else {
                throw ServerSupportError("The queue \(name) cannot be read.")
            }
            // basic.get-ok; else the queue is empty.
            guard reply.reply.id == 0x003C_0047 else { return messages }
            let method = reply.reply.decoded.assumingMemoryBound(to: amqp_basic_get_ok_t.self).pointee
            let key = String(method.routing_key)
            var message = amqp_message_t()
            let read = amqp_read_message(connection.state, AMQPConnection.channel, &message, 0)
            guard read.reply_type == AMQP_RESPONSE_NORMAL else {
                throw ServerSupportError("A message of \(name) cannot be read.")
            }
            defer { amqp_destroy_message(&message) }
            let properties = message.properties
            var headers: [String: String] = [:]
            var lists: [String: [String]] = [:]
            for index in 0 ..< Int(properties.headers.num_entries) {
                let entry = properties.headers.entries[index]
                if entry.value.kind == UInt8(AMQP_FIELD_KIND_ARRAY.rawValue) {
                    let array = entry.value.value.array
                    lists[String(entry.key)] = try (0 ..< Int(array.num_entries)).map {
                        try Self.text(array.entries[$0])
                    }
                } else {
                    headers[String(entry.key)] = try Self.text(entry.value)
                }
            }
            messages.append(
                ReceivedMessage(
                    id: String(properties.message_id), routingKey: key,
                    contentType: String(properties.content_type), deliveryMode: properties.delivery_mode,
                    timestamp: properties.timestamp, headers: headers, lists: lists,
                    body: Data(
                        UnsafeRawBufferPointer(start: message.body.bytes, count: message.body.len))))
        }
    }
}
