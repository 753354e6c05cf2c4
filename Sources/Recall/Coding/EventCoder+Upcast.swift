// The way from a stored schema to those that a program knows, and what is said where it ends too early.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension EventCoder {
    /// Whether a stored event may become one of some schemas. Steps that choose are run where there are any, so that the answer is
    /// right for this event; one that fails is wanted, so that the failure shows.
    /// - Parameter types: those of `wanted`.
    func leads(
        from event: RecordedEvent, toAny wanted: Set<EventSchema>, of types: Set<EventType>
    ) -> Bool {
        guard upcasters.leads(from: event.schema, toAny: wanted, of: types, ignoring: ignoredTypes) else {
            return false
        }
        guard upcasters.hasChoices else { return true }
        guard let upcasts = try? upcast(event, until: { wanted.contains($0) }) else { return true }
        return upcasts.contains { types.contains($0.schema.type) }
    }

    /// Follows the chains of upcasters until a schema is known, or a chain ends.
    /// - Returns: what the event has become, in order; not what is ignored.
    func upcast(
        _ event: RecordedEvent, until isKnown: (EventSchema) -> Bool
    ) throws(EventCodingError) -> [UpcastEvent] {
        var upcasts: [UpcastEvent] = []
        let start = UpcastEvent(event.schema, payload: event.payload)
        try follow(start, of: event, stepCount: 0, until: isKnown, into: &upcasts)
        return upcasts
    }

    private func follow(
        _ upcast: UpcastEvent, of event: RecordedEvent, stepCount: Int, until isKnown: (EventSchema) -> Bool,
        into upcasts: inout [UpcastEvent]
    ) throws(EventCodingError) {
        if ignoredTypes.contains(upcast.schema.type) { return }
        guard !isKnown(upcast.schema), let step = upcasters[upcast.schema] else {
            return upcasts.append(upcast)
        }
        if stepCount == upcasters.count { throw circle(event) }
        for next in try take(step, from: upcast, of: event) {
            try follow(next, of: event, stepCount: stepCount + 1, until: isKnown, into: &upcasts)
        }
    }

    /// What one step makes of an event.
    private func take(
        _ upcaster: Upcaster, from upcast: UpcastEvent, of event: RecordedEvent
    ) throws(EventCodingError) -> [UpcastEvent] {
        // As it is stored, but for what earlier steps have changed.
        var current = event
        current.type = upcast.schema.type
        current.schemaVersion = upcast.schema.version
        current.payload = upcast.payload
        do {
            switch upcaster.step {
            case .change(let change):
                let payload = try change(current)
                return upcaster.destinations.map { UpcastEvent($0, payload: payload) }
            case .choice(let choice):
                let events = try choice(current)
                if let stray = events.first(where: { !upcaster.destinations.contains($0.schema) }) {
                    throw StraySchema(schema: stray.schema)
                }
                return events
            }
        } catch {
            let way = upcaster.destination.map { " to \($0)" } ?? ""
            throw EventCodingError(
                .undecodable,
                "The upcaster from \(upcaster.source)\(way) failed on the event at position \(event.position) of aggregate \(event.aggregateID) (\(ErrorText.reason(error))): correct it for this payload.",
                schema: event.schema, position: event.position, cause: error)
        }
    }

    private func circle(_ event: RecordedEvent) -> EventCodingError {
        EventCodingError(
            .unknownEvent,
            "The upcasters that begin at \(event.schema) of the event at position \(event.position) run in a circle: let one of them lead to a schema that is registered.",
            schema: event.schema, position: event.position)
    }

    // MARK: Errors

    func unknown(
        _ event: RecordedEvent, schema: EventSchema, knownVersions: [UInt32], remedy: String
    ) -> EventCodingError {
        let place = "at position \(event.position) of aggregate \(event.aggregateID)"
        let reached = schema == event.schema ? "" : ", which upcasters brought to \(schema),"
        let next: String
        if let newest = knownVersions.max() {
            next =
                schema.version > newest
                ? "it was stored by a newer program, and this one knows version \(newest): use the newer program"
                : "register an upcaster from \(schema) that leads to version \(newest)"
        } else {
            next = "\(remedy), or register an upcaster from \(schema) to an event that is known"
        }
        return EventCodingError(
            .unknownEvent, "The event \(event.schema) \(place)\(reached) is unknown: \(next).",
            schema: event.schema, position: event.position)
    }

    func undecodable(_ event: RecordedEvent, cause: any Error) -> EventCodingError {
        EventCodingError(
            .undecodable,
            "The payload of the event \(event.schema) at position \(event.position) of aggregate \(event.aggregateID), stored as \(event.contentType), cannot be decoded as \(codec.contentType) (\(ErrorText.reason(cause))): raise the payload's schema version and register an upcaster from the stored one.",
            schema: event.schema, position: event.position, cause: cause)
    }

    func notOne(_ event: RecordedEvent, count: Int) -> EventCodingError {
        let meaning =
            ignoredTypes.contains(event.type) ? "is ignored" : "stands for \(count) events that are wanted"
        return EventCodingError(
            .notOneEvent,
            "The event \(event.schema) at position \(event.position) of aggregate \(event.aggregateID) \(meaning) and not for one: call decodeAll, which gives them all.",
            schema: event.schema, position: event.position)
    }
}

/// A step gave an event that it had not named.
private struct StraySchema: Error, CustomStringConvertible {
    let schema: EventSchema

    var description: String { "it gave \(schema), which is not among its destinations" }
}
