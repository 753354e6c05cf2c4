// What is stored of an event: its schema, its tags and its bytes, in one pass. What could not be read back is refused here, before
// anything is written, in both styles of event enums.

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// An event as it is going to be stored.
package struct EncodedEvent: Sendable {
    package var schema: EventSchema
    package var contentType: ContentType
    package var tags: [EventTag]
    package var bytes: Data
}

extension EventCoder {
    /// What is stored of an event.
    /// - Parameter owner: whose event it is, for errors: a type and an id.
    /// - Throws: `unregistered` for a case that could not be read back; `unencodable`.
    package func encoded<Fact: Event>(
        _ event: Fact, of owner: String
    ) throws(EventCodingError) -> EncodedEvent {
        if Fact.isNamedByKeys { return try encodedByKey(event, of: owner) }
        let payload = event.payload
        try checkRegistered(payload, as: Fact.self, of: owner)
        return EncodedEvent(
            schema: payload.schema, contentType: codec.contentType, tags: event.tags,
            bytes: try encode(payload))
    }

    private func checkRegistered<Fact: Event>(
        _ payload: some EventPayload, as fact: Fact.Type, of owner: String
    ) throws(EventCodingError) {
        let payloadType = ObjectIdentifier(type(of: payload))
        let cases = Fact.cases
        for index in 0 ..< cases.count where cases[index].payloadType == payloadType { return }
        let schema = payload.schema
        throw EventCodingError(
            .unregistered,
            "The event \(schema) of \(owner) could not be read back, because its payload \(type(of: payload)) is not among the cases of the entity's events; nothing was written: add EventCase(Self.…) for it to `cases`.",
            schema: schema)
    }

    private func encodedByKey<Fact: Event>(
        _ event: Fact, of owner: String
    ) throws(EventCodingError) -> EncodedEvent {
        let note = CaseNote()
        let bytes: Data
        do {
            bytes = try codec.encode(CasePayload(event, note: note))
        } catch {
            guard let key = note.name.flatMap({ Fact.key(named: EventType($0)) }) else {
                throw unnamed(event, of: owner, cause: error)
            }
            throw unencodable(Fact.schema(of: key), cause: error)
        }
        guard let key = note.name.flatMap({ Fact.key(named: EventType($0)) }) else {
            throw unnamed(event, of: owner, cause: nil)
        }
        let schema = Fact.schema(of: key)
        var tags = event.tags
        if let payload = note.unlabelled {
            try check(payload, isStoredAs: schema, by: Fact.self, of: owner)
            for tag in payload.tags where !tags.contains(tag) { tags.append(tag) }
        }
        return EncodedEvent(schema: schema, contentType: codec.contentType, tags: tags, bytes: bytes)
    }

    /// A payload of the other style has a name and a version of its own, which must be those that it is stored under.
    private func check<Fact: Event>(
        _ payload: some EventPayload, isStoredAs schema: EventSchema, by fact: Fact.Type, of owner: String
    ) throws(EventCodingError) {
        let own = payload.schema
        if own == schema { return }
        throw EventCodingError(
            .unencodable,
            "The event \(schema) of \(owner) holds a \(type(of: payload)), which says that it is stored as \(own); nothing was written: let CodingKeys and schemaVersions of \(Fact.self) say the same as the payload, or let the payload be no EventPayload.",
            schema: schema)
    }

    /// A case that has no key, which the compiler does not find.
    private func unnamed<Fact: Event>(
        _ event: Fact, of owner: String, cause: (any Error)?
    ) -> EventCodingError {
        let name = Mirror(reflecting: event).children.first?.label ?? "\(event)"
        return EventCodingError(
            .unregistered,
            "The case \(name) of \(Fact.self) has no key, so that the event of \(owner) could not be read back; nothing was written: add it to the CodingKeys of \(Fact.self), with the name that it is to be stored under.",
            schema: EventSchema(EventType(name), version: 1), cause: cause)
    }

    func unencodable(_ schema: EventSchema, cause: any Error) -> EventCodingError {
        EventCodingError(
            .unencodable,
            "The event \(schema) cannot be encoded as \(codec.contentType) (\(ErrorText.reason(cause))); nothing was written: use values that this encoding can express.",
            schema: schema, cause: cause)
    }
}
