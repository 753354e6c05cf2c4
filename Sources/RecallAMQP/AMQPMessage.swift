// An event on its way to the broker, with everything that the protocol cannot carry refused beforehand.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Recall

/// A message of one event.
struct AMQPMessage: Sendable {
    let position: Position
    let id: String
    let routingKey: String
    let contentType: String
    let headers: [(name: String, value: String)]
    /// In seconds since 1970; messages have no finer ones.
    let timestamp: UInt64
    let body: Data

    /// The largest frame that is asked for; the headers of a message have to fit into one.
    static let frameBytesMax = 131_072

    /// - Throws: a refusal where the event does not fit into a message.
    init(_ event: RecordedEvent, source: String) throws(AMQPError) {
        position = event.position
        id = event.id.description
        routingKey = AMQPRoutingKey.key(of: event)
        contentType = event.contentType.rawValue
        headers = CloudEventAttributes.headers(of: event, source: source)
        timestamp = UInt64(clamping: event.time.microsecondsSince1970 / 1_000_000)
        body = event.payload
        let what = "The event \"\(event.type)\" at position \(position)"
        guard routingKey.utf8.count <= AMQPRoutingKey.bytesMax else {
            throw AMQPError(
                "\(what) has a routing key of \(routingKey.utf8.count) bytes, and AMQP allows 255: shorten the names of the aggregate's and the event's type.",
                isTransient: false)
        }
        guard contentType.utf8.count <= 255 else {
            throw AMQPError(
                "\(what) has a content type of \(contentType.utf8.count) bytes, and AMQP allows 255: shorten it.",
                isTransient: false)
        }
        let headersSize = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 6 }
        guard headersSize <= Self.frameBytesMax - 4096 else {
            throw AMQPError(
                "\(what) has attributes of \(headersSize) bytes, which do not fit into a frame: shorten its correlation and causation ids.",
                isTransient: false)
        }
    }
}
