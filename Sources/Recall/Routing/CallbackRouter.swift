// Events to functions in the same process: read models, mails, whatever follows from a fact. Several
// handlers may want one event type; each gets the events in order.

/// Passes events to handlers, by payload type, by stored event type, or all.
///
///     var router = CallbackRouter()
///     router.on(EmployeeHired.self) { hired, event in await directory.add(hired.name) }
public struct CallbackRouter: EventRouter {
    private var handlers = EventHandlers()
    private let coder: EventCoder

    /// - Parameter coder: decodes the payloads for handlers that want a type. What it ignores reaches no handler.
    public init(coder: EventCoder = EventCoder()) { self.coder = coder }

    /// Adds a handler for the events of a payload type, older schema versions included.
    public mutating func on<Payload: EventPayload>(
        _ payload: Payload.Type, name: String? = nil,
        handle: @escaping @Sendable (Payload, RecordedEvent) async throws -> Void
    ) {
        handlers.add(.typed(payload, name: name, coder: coder, handle: handle))
    }

    /// Adds a handler for all events of an enum, older schema versions included: `on(CompanyEvent.self) { event, recorded in … }`.
    /// - Parameter name: what reports and errors call it; the enum's name where nil.
    public mutating func on<Fact: Event>(
        _ events: Fact.Type, name: String? = nil,
        handle: @escaping @Sendable (Fact, RecordedEvent) async throws -> Void
    ) {
        handlers.add(.cases(of: events, name: name, coder: coder, handle: handle))
    }

    /// Adds a handler for events that are stored under a name.
    public mutating func on(
        _ type: EventType, name: String? = nil,
        handle: @escaping @Sendable (RecordedEvent) async throws -> Void
    ) {
        handlers.add(.raw(type, name: name, handle: handle))
    }

    /// Adds a handler for all events.
    public mutating func onAll(
        name: String? = nil, handle: @escaping @Sendable (RecordedEvent) async throws -> Void
    ) {
        handlers.add(.all(name: name, handle: handle))
    }

    /// Gives each event to its handlers in the order of their registration, and stops at the first that
    /// throws: neither the later handlers of that event nor the later events are reached then.
    /// - Throws: `EventRoutingError` with the positions from the failed event on.
    public func route(_ events: [RecordedEvent]) async throws {
        guard let last = events.last else { return }
        for event in events {
            for handler in handlers.matching(event, coder: coder) {
                do {
                    try await handler.handle(event)
                } catch {
                    throw EventRoutingError(
                        "The handler \"\(handler.name)\" failed on the event \"\(event.type)\" at position \(event.position) (\(ErrorText.reason(error))): correct it and route from there again.",
                        unroutedPositions: event.position ... Swift.max(event.position, last.position),
                        causes: [error])
                }
            }
        }
    }
}
