// Events to bytes and back, over all schemas they ever had: the codec and the upcasters together.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Encodes payloads, and decodes stored events of every schema version that upcasters lead from.
public struct EventCoder: Sendable {
    /// How payloads become bytes.
    public var codec: any EventCodec
    /// How older schemas become newer ones.
    public var upcasters: Upcasters

    /// JSON without upcasters unless said otherwise.
    public init(codec: any EventCodec = JSONEventCodec(), upcasters: Upcasters = []) {
        self.codec = codec
        self.upcasters = upcasters
    }

    /// The bytes of a payload.
    /// - Throws: `unencodable`.
    public func encode(_ payload: some EventPayload) throws(EventCodingError) -> Data {
        do {
            return try codec.encode(payload)
        } catch {
            throw unencodable(payload.schema, cause: error)
        }
    }

    /// The event that is stored, as a case of an event enum.
    /// - Throws: `unknownEvent` or `undecodable`, with the event's type, schema version and position.
    public func decode<Fact: Event>(
        _ event: RecordedEvent, as fact: Fact.Type = Fact.self
    ) throws(EventCodingError) -> Fact {
        if Fact.isNamedByKeys { return try decodeByKey(event) }
        // Built once, for a computed property would build it again for each look.
        let cases = Fact.cases
        // Most events are stored as the program writes them now, and one look finds their case.
        if let index = Self.index(of: event.schema, in: cases) {
            return try decode(event, event.payload, as: cases[index])
        }
        let (schema, data) = try upcast(event) { Self.index(of: $0, in: cases) != nil }
        guard let index = Self.index(of: schema, in: cases) else {
            throw unknown(
                event, schema: schema,
                knownVersions: cases.filter { $0.type == schema.type }.map(\.schemaVersion),
                remedy: "add EventCase(Self.…) for it to \(Fact.self).cases")
        }
        return try decode(event, data, as: cases[index])
    }

    /// The name is the key, so nothing is looked through.
    private func decodeByKey<Fact: Event>(_ event: RecordedEvent) throws(EventCodingError) -> Fact {
        let (schema, data) = try upcast(event) { Self.key(of: $0, in: Fact.self) != nil }
        guard let key = Self.key(of: schema, in: Fact.self) else {
            throw unknown(
                event, schema: schema,
                knownVersions: Fact.key(named: schema.type).map { [Fact.schema(of: $0).version] } ?? [],
                remedy: "add a case for it to \(Fact.self) and its name to the CodingKeys")
        }
        do {
            return try CasePayload<Fact>.decode(key, with: codec, from: data)
        } catch {
            throw undecodable(event, cause: error)
        }
    }

    private static func key<Fact: Event>(of schema: EventSchema, in fact: Fact.Type) -> Fact.CodingKeys? {
        guard let key = Fact.key(named: schema.type), Fact.schema(of: key).version == schema.version else {
            return nil
        }
        return key
    }

    private func decode<Fact: Event>(
        _ event: RecordedEvent, _ data: Data, as match: EventCase<Fact>
    ) throws(EventCodingError) -> Fact {
        do {
            return try match.decode(codec, data)
        } catch {
            throw undecodable(event, cause: error)
        }
    }

    private static func index<Fact: Event>(of schema: EventSchema, in cases: [EventCase<Fact>]) -> Int? {
        for index in 0 ..< cases.count
        where cases[index].schemaVersion == schema.version && cases[index].type == schema.type {
            return index
        }
        return nil
    }

    /// The payload that is stored.
    /// - Throws: `unknownEvent` where the stored event is of another type, and no chain of upcasters
    ///   leads to this one; `undecodable`.
    public func decode<Payload: EventPayload>(
        _ event: RecordedEvent, payload: Payload.Type
    ) throws(EventCodingError) -> Payload {
        let wanted = EventSchema(Payload.eventType, version: Payload.schemaVersion)
        let (schema, data) = try upcast(event) { $0 == wanted }
        if schema != wanted {
            throw unknown(
                event, schema: schema, knownVersions: schema.type == wanted.type ? [wanted.version] : [],
                remedy: "decode it as the payload that has this name")
        }
        do {
            return try codec.decode(Payload.self, from: data)
        } catch {
            throw undecodable(event, cause: error)
        }
    }

    /// Whether a stored event is of a payload's type, by name or through upcasters.
    func matches<Payload: EventPayload>(_ event: RecordedEvent, payload: Payload.Type) -> Bool {
        upcasters.leads(
            from: event.schema, to: EventSchema(Payload.eventType, version: Payload.schemaVersion))
    }

    /// Follows the chain of upcasters until a schema is known, or the chain ends.
    private func upcast(
        _ event: RecordedEvent, until isKnown: (EventSchema) -> Bool
    ) throws(EventCodingError) -> (EventSchema, Data) {
        var schema = event.schema
        var data = event.payload
        var stepCount = 0
        while !isKnown(schema), let step = upcasters[schema] {
            if stepCount == upcasters.count {
                throw EventCodingError(
                    .unknownEvent,
                    "The upcasters that begin at \(event.schema) of the event at position \(event.position) run in a circle: let one of them lead to a schema that is registered.",
                    schema: event.schema, position: event.position)
            }
            do {
                data = try step.transform(data)
            } catch {
                throw EventCodingError(
                    .undecodable,
                    "The upcaster from \(step.source) to \(step.destination) failed on the event at position \(event.position) of aggregate \(event.aggregateID) (\(ErrorText.reason(error))): correct it for this payload.",
                    schema: event.schema, position: event.position, cause: error)
            }
            schema = step.destination
            stepCount += 1
        }
        return (schema, data)
    }

    private func unknown(
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

    private func undecodable(_ event: RecordedEvent, cause: any Error) -> EventCodingError {
        EventCodingError(
            .undecodable,
            "The payload of the event \(event.schema) at position \(event.position) of aggregate \(event.aggregateID), stored as \(event.contentType), cannot be decoded as \(codec.contentType) (\(ErrorText.reason(cause))): raise the payload's schema version and register an upcaster from the stored one.",
            schema: event.schema, position: event.position, cause: cause)
    }
}

extension RecordedEvent {
    /// The name and schema version that the event was stored under.
    public var schema: EventSchema { EventSchema(type, version: schemaVersion) }
}

extension EventPayload {
    var schema: EventSchema { EventSchema(Self.eventType, version: Self.schemaVersion) }
}
