// Publishing and waiting for confirmations. Several messages are on their way at the same time; the broker confirms them by their
// numbers, one or many at once, in any order, and returns those that no queue gets before it confirms them.

internal import CRabbitMQ

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import Recall

extension AMQPConnection {
    /// What became of a message.
    enum Outcome: Sendable {
        case pending
        case confirmed
        case refused(AMQPError)
        /// The broker cannot take it now, for instance because a queue is full.
        case notTaken(AMQPError)
    }

    /// Publishes messages and waits until all of them are confirmed, refused or not taken. The broker may let `confirmTimeout` pass for
    /// each of them: the time belongs to a message, and begins anew with each one that is sent or heard of. Else many could not be sent
    /// together over a slow line, though each arrives.
    /// - Parameter note: hears what became of each, by its index, before an error that ends it all.
    /// - Throws: what became of those of which nothing was heard: unknown. The connection is of no use then.
    func publish(
        _ messages: [AMQPMessage], note: (Int, Outcome) -> Void
    ) throws(AMQPError) {
        let firstTag = tagNext
        var sent: [Int] = []
        for (index, message) in messages.enumerated() {
            if let refusal = message.refusal(ofFramesOver: frameBytesMax) {
                note(index, .refused(refusal))
                continue
            }
            try within(configuration.confirmTimeout) { () throws(AMQPError) in
                amqp_maybe_release_buffers(state)
                try check(send(message), "publish to the broker at \(configuration.place)")
            }
            tagNext += 1
            sent.append(index)
        }
        var waiting = Waiting(sent, of: messages, from: firstTag)
        while !waiting.pending.isEmpty {
            try within(configuration.confirmTimeout) { () throws(AMQPError) in
                try confirm(&waiting, before: ContinuousClock.now + configuration.confirmTimeout, note: note)
            }
        }
    }

    /// Messages that were sent, and of which nothing final was heard.
    private struct Waiting {
        /// Indices of messages, in the order of their tags.
        let sent: [Int]
        let messages: [AMQPMessage]
        /// The tag of the first that was sent.
        let firstTag: UInt64
        /// Places in `sent`.
        var pending: Set<Int>
        /// What came back, which is confirmed later, by index.
        var returned: [Int: AMQPError] = [:]

        init(_ sent: [Int], of messages: [AMQPMessage], from firstTag: UInt64) {
            self.sent = sent
            self.messages = messages
            self.firstTag = firstTag
            pending = Set(sent.indices)
        }
    }

    /// Waits until something is heard of a message.
    private func confirm(
        _ waiting: inout Waiting, before deadline: ContinuousClock.Instant, note: (Int, Outcome) -> Void
    ) throws(AMQPError) {
        let (sent, messages, firstTag) = (waiting.sent, waiting.messages, waiting.firstTag)
        let count = waiting.pending.count
        // A method about something else is no answer.
        while waiting.pending.count == count {
            guard let method = try nextMethod(before: deadline) else {
                throw silence(for: configuration.confirmTimeout)
            }
            switch method.id {
            case UInt32(RECALL_AMQP_BASIC_ACK.rawValue):
                let ack = method.decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
                let confirmed = Self.places(
                    ack.delivery_tag, isMultiple: ack.multiple != 0, from: firstTag, among: waiting.pending)
                for place in confirmed {
                    waiting.pending.remove(place)
                    note(sent[place], waiting.returned[sent[place]].map { .refused($0) } ?? .confirmed)
                }
            case UInt32(RECALL_AMQP_BASIC_NACK.rawValue):
                let nack = method.decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
                let notTaken = Self.places(
                    nack.delivery_tag, isMultiple: nack.multiple != 0, from: firstTag, among: waiting.pending)
                for place in notTaken {
                    waiting.pending.remove(place)
                    note(
                        sent[place],
                        .notTaken(
                            AMQPError(
                                "The broker at \(configuration.place) did not take the message \(messages[sent[place]].id) (nack), for instance because a queue is full; it is tried again, and what is behind it waits: look at the queues of the exchange \"\(configuration.exchange.name)\".",
                                isTransient: true)))
                }
            case UInt32(RECALL_AMQP_BASIC_RETURN.rawValue):
                let (id, error) = try returnedMessage(method)
                if let index = messages.firstIndex(where: { $0.id == id }) { waiting.returned[index] = error }
            case UInt32(RECALL_AMQP_CHANNEL_CLOSE.rawValue), UInt32(RECALL_AMQP_CONNECTION_CLOSE.rawValue):
                throw serverError(method, "publish to \"\(configuration.exchange.name)\"")
            default: break
            }
        }
    }

    /// Answers heartbeats and sends some, where nothing is published for a while.
    /// - Throws: where the broker closed the connection, or is not there any more.
    func serve() throws(AMQPError) {
        try within(configuration.connectTimeout) { () throws(AMQPError) in
            amqp_maybe_release_buffers(state)
            let now = ContinuousClock.now
            while let method = try nextMethod(before: now) {
                if [RECALL_AMQP_CHANNEL_CLOSE, RECALL_AMQP_CONNECTION_CLOSE].contains(where: {
                    UInt32($0.rawValue) == method.id
                }) {
                    throw serverError(method, "keep the connection")
                }
            }
        }
    }

    /// The next method that the broker sends, of those that are not about being blocked; nil when the time has come before.
    private func nextMethod(before deadline: ContinuousClock.Instant) throws(AMQPError) -> amqp_method_t? {
        while true {
            var wait = timeval(max(.zero, deadline - ContinuousClock.now))
            var frame = amqp_frame_t()
            let status = amqp_simple_wait_frame_noblock(state, &frame, &wait)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            try check(status, "hear from the broker at \(configuration.place)")
            guard frame.frame_type == UInt8(RECALL_AMQP_FRAME_METHOD) else { continue }
            let method = frame.payload.method
            switch method.id {
            case UInt32(RECALL_AMQP_CONNECTION_BLOCKED.rawValue):
                let blocked = method.decoded.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee
                blockedReason = String(blocked.reason)
            case UInt32(RECALL_AMQP_CONNECTION_UNBLOCKED.rawValue): blockedReason = nil
            default: return method
            }
        }
    }

    /// Which of the messages that wait a confirmation is for.
    /// - Parameters:
    ///   - tag: the number under which the broker confirms, counted over the life of the channel.
    ///   - isMultiple: whether it is for all with lower tags, too.
    ///   - firstTag: the tag of the first message of this batch.
    ///   - pending: the places in the batch that wait.
    static func places(
        _ tag: UInt64, isMultiple: Bool, from firstTag: UInt64, among pending: Set<Int>
    ) -> [Int] {
        guard tag >= firstTag, let last = Int(exactly: tag - firstTag) else { return [] }
        if !isMultiple { return pending.contains(last) ? [last] : [] }
        return pending.filter { $0 <= last }
    }

    /// The rest of a message that comes back.
    private func returnedMessage(_ method: amqp_method_t) throws(AMQPError) -> (id: String?, AMQPError) {
        let header = method.decoded.assumingMemoryBound(to: amqp_basic_return_t.self).pointee
        let (code, text) = (Int(header.reply_code), String(header.reply_text))
        let key = String(header.routing_key)
        var message = amqp_message_t()
        let reply = amqp_read_message(state, Self.channel, &message, 0)
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else {
            throw failure(reply.library_error, "read a message that the broker returned")
        }
        defer { amqp_destroy_message(&message) }
        let hasID = message.properties._flags & recall_amqp_message_id_set != 0
        return (
            hasID ? String(message.properties.message_id) : nil,
            AMQPError(
                "The broker returned the message with the routing key \"\(key)\": \(text) (\(code)); bind a queue that wants it, or set isMandatory to false.",
                replyCode: code, isTransient: false)
        )
    }

    private func send(_ message: AMQPMessage) -> Int32 {
        let texts = AMQPBytes()
        var entries = message.headers.map { texts.entry($0) }
        return entries.withUnsafeMutableBufferPointer { entries in
            var properties = amqp_basic_properties_t()
            properties._flags = recall_amqp_properties_set
            properties.content_type = texts.bytes(message.contentType)
            properties.delivery_mode = 2
            properties.message_id = texts.bytes(message.id)
            properties.timestamp = message.timestamp
            properties.headers = amqp_table_t(
                num_entries: Int32(entries.count), entries: entries.baseAddress)
            return message.body.withUnsafeBytes { body in
                withExtendedLifetime(texts) {
                    amqp_basic_publish(
                        state, Self.channel, texts.bytes(configuration.exchange.name),
                        texts.bytes(message.routingKey), configuration.isMandatory ? 1 : 0, 0, &properties,
                        amqp_bytes_t(
                            len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
                }
            }
        }
    }
}
