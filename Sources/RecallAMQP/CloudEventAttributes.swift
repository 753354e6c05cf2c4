// An event as a CloudEvent 1.0, in the binary content mode of the AMQP binding: attributes are headers with the prefix
// `cloudEvents:`, the payload is the body, and its type is the content type.
//
// Numbers of 64 bits have no type among CloudEvents', so they travel as decimal text.

internal import Recall

/// The attributes of an event.
enum CloudEventAttributes {
    static let prefix = "cloudEvents:"

    /// Names with the prefix, and values. Names are in lower case, as the specification asks.
    static func headers(of event: RecordedEvent, source: String) -> [(name: String, value: String)] {
        var attributes: [(name: String, value: String)] = [
            ("specversion", "1.0"), ("id", event.id.description), ("source", source),
            ("type", event.type.rawValue), ("time", event.time.iso8601),
            ("subject", event.aggregateID.description), ("aggregateid", event.aggregateID.description),
            ("rootid", event.rootID.description), ("aggregateversion", event.version.description),
            ("position", event.position.description), ("schemaversion", String(event.schemaVersion)),
        ]
        // An attribute is not empty; one that is not known is not there.
        if !event.aggregateType.rawValue.isEmpty {
            attributes.append(("aggregatetype", event.aggregateType.rawValue))
        }
        for (name, value) in [
            ("correlationid", event.metadata.correlationID), ("causationid", event.metadata.causationID),
        ] {
            if let value, !value.isEmpty { attributes.append((name, value)) }
        }
        return attributes.map { (prefix + $0.name, $0.value) }
    }
}
