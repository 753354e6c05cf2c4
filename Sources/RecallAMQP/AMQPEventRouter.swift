// Events to a broker of AMQP 0-9-1, such as RabbitMQ: each a CloudEvent, published persistently, and through only when the broker
// has confirmed it.

public import Recall

/// Publishes events to an exchange.
///
/// On return of `route` the broker has confirmed every event: persistent messages of durable queues are on its disk. Messages are
/// CloudEvents 1.0 in binary content mode; the routing key is `aggregateType.eventType`. An event may be published more than once,
/// with the id that it always has: receivers leave out what they know.
///
/// Of each graph one message is on its way at a time, so that none overtakes one that the broker refused. A broker that is away is an
/// error that says so (`RoutingFailure.isTransient`), and the next call connects again, after a pause that grows.
///
/// Use it behind a `Relay` where no event may be lost.
public final class AMQPEventRouter: EventRouter {
    private let configuration: AMQPConfiguration
    private let thread: AMQPThread

    /// A router to a broker, which is connected to when the first events come.
    /// - Throws: `invalidArgument` where a choice makes no sense; `unavailable` where the system has no thread to give.
    public init(_ configuration: AMQPConfiguration) throws(StoreError) {
        try configuration.check()
        self.configuration = configuration
        thread = try AMQPThread(configuration)
    }

    deinit { thread.stop() }

    /// Publishes events, and returns when the broker has confirmed all of them.
    /// - Throws: `EventRoutingError` with the positions from the first on that was not confirmed and `AMQPError` as causes: transient
    ///   where the broker is away, cannot take messages now or lets the user not in; a refusal where it does not take a message,
    ///   because it is too large, the user may not write there, or, with `isMandatory`, no queue gets it.
    public func route(_ events: [RecordedEvent]) async throws {
        guard let last = events.last else { return }
        let patience = configuration.connectTimeout + configuration.confirmTimeout
        let tooLate = AMQPError(
            "The broker at \(configuration.place) has not confirmed what was routed before for \(patience), and nothing of this was sent; it can be routed again.",
            isTransient: true)
        guard let result = await thread.publish(events, within: patience, tooLate: tooLate) else {
            throw StoreError(
                .closed, "The router to the broker at \(configuration.place) has been closed; make another.")
        }
        guard let first = result.unconfirmed else { return }
        let isTransient = result.errors.contains(where: \.isTransient)
        // Several events of a wave are often refused for one reason.
        var reasons: [String] = []
        for reason in result.errors.map({ ErrorText.reason($0) }) where !reasons.contains(reason) {
            reasons.append(reason)
        }
        let reason = reasons.joined(separator: "; ")
        throw EventRoutingError(
            isTransient
                ? "The events from position \(first) on were not confirmed by the broker at \(configuration.place) (\(reason)); they can be routed again."
                : "The broker at \(configuration.place) does not take the event at position \(first) (\(reason)): correct that, and route from there again.",
            unroutedPositions: first ... max(first, last.position), causes: result.errors,
            isTransient: isTransient)
    }

    /// Closes the connection when what waits is done. Later events are refused with `closed`.
    public func close() { thread.stop() }
}
