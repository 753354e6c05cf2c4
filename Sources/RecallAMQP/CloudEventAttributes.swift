// An event as a CloudEvent 1.0, in the binary content mode of the AMQP binding: attributes are headers with the prefix
// `cloudEvents:`, the payload is the body, and its type is the content type.
//
// Numbers of 64 bits have no type among CloudEvents', so they travel as decimal text.

internal import Recall

/// The attributes of an event, and what may be one.
enum CloudEventAttributes {
    static let prefix = "cloudEvents:"

    /// Names that metadata must not have as attributes, though the event at hand may not use them: those of the specification and
    /// of this router, so that they always mean the same.
    static let reservedNames: Set = [
        "specversion", "id", "source", "type", "time", "subject", "data", "datacontenttype", "dataschema",
        "aggregateid", "aggregatetype", "rootid", "aggregateversion", "position", "schemaversion",
        "correlationid", "causationid",
    ]

    /// Names without the prefix, and values. Names are in lower case, as the specification asks.
    static func attributes(of event: RecordedEvent, source: String) -> [(name: String, value: String)] {
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
            if let value, isText(value) { attributes.append((name, value)) }
        }
        return attributes
    }

    /// Whether metadata has an attribute of its own already, or says nothing.
    static func isAttribute(_ key: String, _ value: String) -> Bool {
        ["correlationId", "causationId"].contains(key) && (value.isEmpty || isText(value))
    }

    /// Whether a name is one of an attribute: 1 to 20 lower case letters and digits of ASCII.
    static func isName(_ name: String) -> Bool {
        (1 ... 20).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a") ... UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0") ... UInt8(ascii: "9")).contains($0)
            }
    }

    /// Whether a value is one of an attribute of type string: not empty, without control characters and noncharacters.
    static func isText(_ value: String) -> Bool {
        !value.isEmpty
            && value.unicodeScalars.allSatisfy { scalar in
                let isControl = scalar.value < 0x20 || (0x7F ... 0x9F).contains(scalar.value)
                let isNoncharacter =
                    (0xFDD0 ... 0xFDEF).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE
                return !isControl && !isNoncharacter
            }
    }
}
