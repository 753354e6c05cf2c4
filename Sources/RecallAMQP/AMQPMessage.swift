// An event on its way to the broker, with everything that the protocol cannot carry refused beforehand: what rabbitmq-c finds out
// while it sends leaves a connection in the middle of a message.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall

/// A message of one event.
struct AMQPMessage: Sendable {
    let position: Position
    let type: EventType
    let id: String
    let routingKey: String
    let contentType: String
    let headers: [AMQPHeader]
    /// In seconds since 1970; messages have no finer ones.
    let timestamp: UInt64
    let body: Data
    /// The event, as errors call it.
    var name: String { "The event \"\(type)\" at position \(position)" }

    /// The largest frame that is asked for: room for as much metadata and as many tags as stores take. The broker may want smaller
    /// ones; RabbitMQ does, of 131,072 bytes unless it is told otherwise.
    static let frameBytesMax = 1 << 20

    /// - Throws: a refusal where the event does not fit into a message.
    init(_ event: RecordedEvent, source: String) throws(AMQPError) {
        position = event.position
        type = event.type
        id = event.id.description
        routingKey = AMQPRoutingKey.key(of: event)
        contentType = event.contentType.rawValue
        headers = AMQPHeader.all(of: event, source: source)
        timestamp = UInt64(clamping: event.time.microsecondsSince1970 / 1_000_000)
        body = event.payload
        guard routingKey.utf8.count <= AMQPRoutingKey.bytesMax else {
            throw AMQPError(
                "\(name) has a routing key of \(routingKey.utf8.count) bytes, and AMQP allows 255: shorten the names of the aggregate's and the event's type.",
                isTransient: false)
        }
        guard contentType.utf8.count <= 255 else {
            throw AMQPError(
                "\(name) has a content type of \(contentType.utf8.count) bytes, and AMQP allows 255: shorten it.",
                isTransient: false)
        }
        if let header = headers.first(where: { $0.name.utf8.count > AMQPHeader.nameBytesMax }) {
            throw AMQPError(
                "\(name) has metadata under a key of \(header.name.utf8.count - AMQPHeader.metadataPrefix.utf8.count) bytes, and a header has room for \(AMQPHeader.nameBytesMax - AMQPHeader.metadataPrefix.utf8.count): shorten it.",
                isTransient: false)
        }
    }

    /// Bytes of the one frame that holds the properties and all headers.
    var headerFrameBytesCount: Int {
        // Of the frame 8 bytes, of its contents' head 12, flags 2; then content type, headers, delivery mode, id, timestamp.
        let propertiesCount =
            1 + contentType.utf8.count + 4 + headers.reduce(0) { $0 + $1.frameBytesCount } + 1 + 1
            + id.utf8.count
            + 8
        return 8 + 12 + 2 + propertiesCount
    }

    /// What the event is refused with where its frame is too large for a connection; nil where it is not.
    func refusal(ofFramesOver frameBytesMax: Int) -> AMQPError? {
        let count = headerFrameBytesCount
        if count <= frameBytesMax { return nil }
        return AMQPError(
            "\(name) has metadata and tags that make a frame of \(count) bytes, and the broker takes \(frameBytesMax): raise frame_max at the broker, of which up to \(Self.frameBytesMax) are used, or shorten them.",
            isTransient: false)
    }
}
