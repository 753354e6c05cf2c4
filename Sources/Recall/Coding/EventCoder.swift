// Events to bytes and back, over all schemas they ever had: the codec, the upcasters and what is ignored together.
//
// One stored event may stand for several of today's, or for none. Whoever applies or handles events takes them all, in their order;
// position, version and all else stay those of the stored one.

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
    /// The event types that are passed over, in every schema version: aggregates do not apply their events, and no handler gets them.
    /// They count as events all the same, with their positions and versions.
    public var ignoredTypes: Set<EventType>

    /// JSON without upcasters, and nothing ignored, unless said otherwise.
    public init(
        codec: any EventCodec = JSONEventCodec(), upcasters: Upcasters = [], ignoring: Set<EventType> = []
    ) {
        self.codec = codec
        self.upcasters = upcasters
        ignoredTypes = ignoring
    }

    /// The coder with more event types that are passed over: for what was stored once and means nothing any more.
    public func ignoring(_ types: EventType...) -> EventCoder {
        var coder = self
        coder.ignoredTypes.formUnion(types)
        return coder
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
    /// - Throws: `unknownEvent` or `undecodable`, with the event's type, schema version and position; `notOneEvent` for one that is
    ///   ignored, or that upcasters make several or none of.
    public func decode<Fact: Event>(
        _ event: RecordedEvent, as fact: Fact.Type = Fact.self
    ) throws(EventCodingError) -> Fact {
        var first: Fact?
        var count = 0
        try decode(event, as: fact) { one in
            first = first ?? one
            count += 1
        }
        if count == 1, let first { return first }
        throw notOne(event, count: count)
    }

    /// The events that a stored one stands for: one, unless it is ignored or upcasters make several or none of it.
    /// - Throws: `unknownEvent` or `undecodable`, with the event's type, schema version and position.
    public func decodeAll<Fact: Event>(
        _ event: RecordedEvent, as fact: Fact.Type = Fact.self
    ) throws(EventCodingError) -> [Fact] {
        var facts: [Fact] = []
        try decode(event, as: fact) { facts.append($0) }
        return facts
    }

    /// Hands on the events that a stored one stands for, in their order.
    /// - Parameter isForeignLeftOut: whether what upcasters lead to outside of the enum is passed over and not an error.
    func decode<Fact: Event>(
        _ event: RecordedEvent, as fact: Fact.Type, isForeignLeftOut: Bool = false, _ take: (Fact) -> Void
    ) throws(EventCodingError) {
        if ignoredTypes.contains(event.type) { return }
        let cases = EventCases<Fact>()
        // Most events are stored as the program writes them now, and one look finds their case.
        if let found = cases[event.schema] { return take(try decode(event, event.payload, as: found)) }
        for upcast in try upcast(event, until: { cases[$0] != nil }) {
            if let found = cases[upcast.schema] {
                take(try decode(event, upcast.payload, as: found))
                continue
            }
            let versions = cases.versions(of: upcast.schema.type)
            if isForeignLeftOut, versions.isEmpty { continue }
            throw unknown(event, schema: upcast.schema, knownVersions: versions, remedy: cases.remedy)
        }
    }

    private func decode<Fact: Event>(
        _ event: RecordedEvent, _ data: Data, as found: EventCases<Fact>.Found
    ) throws(EventCodingError) -> Fact {
        do {
            return try found.decode(data, with: codec)
        } catch {
            throw undecodable(event, cause: error)
        }
    }

    /// The payload that is stored.
    /// - Throws: `unknownEvent` where the stored event is of another type, and no chain of upcasters
    ///   leads to this one; `undecodable`; `notOneEvent` for one that is ignored, or that upcasters make several or none of.
    public func decode<Payload: EventPayload>(
        _ event: RecordedEvent, payload: Payload.Type
    ) throws(EventCodingError) -> Payload {
        let payloads = try decode(event, payload: payload, isForeignLeftOut: false)
        if payloads.count == 1, let first = payloads.first { return first }
        throw notOne(event, count: payloads.count)
    }

    /// The payloads of one type among the events that a stored one stands for. None where it is ignored, or stands for others.
    /// - Throws: `unknownEvent` where the chain of upcasters ends at another version of the type; `undecodable`.
    public func decodeAll<Payload: EventPayload>(
        _ event: RecordedEvent, payload: Payload.Type
    ) throws(EventCodingError) -> [Payload] {
        try decode(event, payload: payload, isForeignLeftOut: true)
    }

    private func decode<Payload: EventPayload>(
        _ event: RecordedEvent, payload: Payload.Type, isForeignLeftOut: Bool
    ) throws(EventCodingError) -> [Payload] {
        if ignoredTypes.contains(event.type) { return [] }
        let wanted = EventSchema(Payload.eventType, version: Payload.schemaVersion)
        let upcasts = try upcast(event) { $0 == wanted }
        var payloads: [Payload] = []
        for upcast in upcasts {
            let isOfType = upcast.schema.type == wanted.type
            guard upcast.schema == wanted else {
                // Of several events the others may be of other types.
                if !isOfType, isForeignLeftOut || upcasts.count > 1 { continue }
                throw unknown(
                    event, schema: upcast.schema, knownVersions: isOfType ? [wanted.version] : [],
                    remedy: "decode it as the payload that has this name")
            }
            do {
                payloads.append(try codec.decode(Payload.self, from: upcast.payload))
            } catch {
                throw undecodable(event, cause: error)
            }
        }
        return payloads
    }
}

extension RecordedEvent {
    /// The name and schema version that the event was stored under.
    public var schema: EventSchema { EventSchema(type, version: schemaVersion) }
}

extension EventPayload {
    var schema: EventSchema { EventSchema(Self.eventType, version: Self.schemaVersion) }
}
