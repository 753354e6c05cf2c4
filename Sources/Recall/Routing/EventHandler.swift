// Functions that want events, shared by routing what happens now and replaying what happened.

/// A named function that wants some events.
struct EventHandler: Sendable {
    let name: String
    let wants: @Sendable (RecordedEvent) -> Bool
    let handle: @Sendable (RecordedEvent) async throws -> Void

    static func typed<Payload: EventPayload>(
        _ payload: Payload.Type, name: String?, coder: EventCoder,
        handle: @escaping @Sendable (Payload, RecordedEvent) async throws -> Void
    ) -> EventHandler {
        let schema = EventSchema(Payload.eventType, version: Payload.schemaVersion)
        return EventHandler(
            name: name ?? "\(Payload.eventType)",
            wants: { coder.leads(from: $0, toAny: [schema], of: [schema.type]) },
            handle: { event in
                for payload in try coder.decodeAll(event, payload: payload) {
                    try await handle(payload, event)
                }
            })
    }

    static func cases<Fact: Event>(
        of fact: Fact.Type, name: String?, coder: EventCoder,
        handle: @escaping @Sendable (Fact, RecordedEvent) async throws -> Void
    ) -> EventHandler {
        let schemas = Set(Fact.cases.map { EventSchema($0.type, version: $0.schemaVersion) })
        let types = Set(schemas.map(\.type))
        return EventHandler(
            name: name ?? "\(Fact.self)",
            wants: { coder.leads(from: $0, toAny: schemas, of: types) },
            handle: { event in
                var facts: [Fact] = []
                try coder.decode(event, as: fact, isForeignLeftOut: true) { facts.append($0) }
                for fact in facts { try await handle(fact, event) }
            })
    }

    static func raw(
        _ type: EventType, name: String?,
        handle: @escaping @Sendable (RecordedEvent) async throws -> Void
    ) -> EventHandler {
        EventHandler(name: name ?? "\(type)", wants: { $0.type == type }, handle: handle)
    }

    static func all(
        name: String?, handle: @escaping @Sendable (RecordedEvent) async throws -> Void
    ) -> EventHandler {
        EventHandler(name: name ?? "all events", wants: { _ in true }, handle: handle)
    }
}

/// Handlers in the order of their registration, with names that differ.
struct EventHandlers: Sendable {
    private(set) var all: [EventHandler] = []

    /// Adds a handler; a name that is taken gets a number.
    mutating func add(_ handler: EventHandler) {
        var name = handler.name
        var number = 1
        while all.contains(where: { $0.name == name }) {
            number += 1
            name = "\(handler.name) \(number)"
        }
        all.append(EventHandler(name: name, wants: handler.wants, handle: handler.handle))
    }

    /// Those that want an event; none where its type is ignored.
    func matching(_ event: RecordedEvent, coder: EventCoder) -> [EventHandler] {
        coder.ignoredTypes.contains(event.type) ? [] : all.filter { $0.wants(event) }
    }
}
