// One step of a payload from an older schema to newer ones. Stored events are never rewritten; they
// are brought up to date each time they are read.
//
// Where a step can lead is said beforehand and not by what it does: so who asks which events a handler may get need not run it.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Brings payloads of one schema to the next.
///
///     Upcaster(from: "EmployeeHired", schemaVersion: 1) { payload in
///         payload["title"] = payload["position"] ?? "Intern"
///     }
///
/// One event may become several, or another kind of event for another content, or none:
///
///     Upcaster(from: "EmployeeChanged", schemaVersion: 1, toAnyOf: ["EmployeeMoved", "EmployeePromoted"]) { payload, event in
///         var events: [UpcastEvent] = []
///         if let city = payload["city"] { events.append(UpcastEvent("EmployeeMoved", ["city": city])) }
///         if let title = payload["title"] { events.append(UpcastEvent("EmployeePromoted", ["title": title])) }
///         return events
///     }
///     Upcaster(dropping: "ScreenOpened", schemaVersion: 1)
public struct Upcaster: Sendable {
    /// What a step does.
    enum Step: Sendable {
        /// Always leads to the one destination.
        case change(@Sendable (RecordedEvent) throws -> Data)
        /// Leads to some of the destinations, each as often as it says.
        case choice(@Sendable (RecordedEvent) throws -> [UpcastEvent])
    }

    /// The schema that the step begins at.
    public let source: EventSchema
    /// The schemas that the step can lead to; none where its events are dropped.
    public let destinations: [EventSchema]
    let step: Step

    /// The schema that the step leads to; nil where it can lead to several or to none.
    public var destination: EventSchema? { destinations.count == 1 ? destinations.first : nil }

    /// A step that changes the bytes themselves, for codecs other than JSON.
    /// - Parameters:
    ///   - destination: where the step leads, which may be another event type.
    ///   - transform: gives the payload in the newer schema; what it throws is reported with the event.
    public init(
        from source: EventSchema, to destination: EventSchema,
        transform: @escaping @Sendable (Data) throws -> Data
    ) {
        self.source = source
        destinations = [destination]
        step = .change { try transform($0.payload) }
    }

    /// A step that makes any number of events of one, as bytes, for codecs other than JSON.
    /// - Parameters:
    ///   - destinations: the schemas that `transform` may give; one that is not among them is an error.
    ///   - transform: gets the event as it is stored, with type, schema version and payload as earlier steps have left them, and gives
    ///     the events that it stands for, in their order. What it throws is reported with the event. It must depend on nothing else, and
    ///     give the same each time.
    public init(
        from source: EventSchema, toAnyOf destinations: [EventSchema],
        transform: @escaping @Sendable (RecordedEvent) throws -> [UpcastEvent]
    ) {
        self.source = source
        self.destinations = destinations
        step = .choice(transform)
    }

    /// A step that changes a JSON payload.
    /// - Parameters:
    ///   - type: the event type as it was stored.
    ///   - schemaVersion: the schema version as it was stored.
    ///   - newType: the event type after the step; nil where it stays.
    ///   - newSchemaVersion: the schema version after the step; nil for the next one, or for 1 where the
    ///     event type changes.
    ///   - change: changes the payload in place. What it does not touch stays as it is stored, to the last digit.
    public init(
        from type: EventType, schemaVersion: UInt32, to newType: EventType? = nil,
        schemaVersion newSchemaVersion: UInt32? = nil,
        change: @escaping @Sendable (inout JSONValue) throws -> Void = { _ in }
    ) {
        self.init(from: type, schemaVersion: schemaVersion, to: newType, schemaVersion: newSchemaVersion) {
            payload, _ in try change(&payload)
        }
    }

    /// A step that changes a JSON payload by what is known about the event, such as its time.
    /// - Parameters:
    ///   - type: the event type as it was stored.
    ///   - schemaVersion: the schema version as it was stored.
    ///   - newType: the event type after the step; nil where it stays.
    ///   - newSchemaVersion: the schema version after the step; nil for the next one, or for 1 where the
    ///     event type changes.
    ///   - change: changes the payload in place; it is also given the event as it is stored.
    public init(
        from type: EventType, schemaVersion: UInt32, to newType: EventType? = nil,
        schemaVersion newSchemaVersion: UInt32? = nil,
        change: @escaping @Sendable (inout JSONValue, RecordedEvent) throws -> Void
    ) {
        let next = newType == nil ? schemaVersion + 1 : 1
        source = EventSchema(type, version: schemaVersion)
        destinations = [EventSchema(newType ?? type, version: newSchemaVersion ?? next)]
        step = .change { event in
            var value = try JSONValue(parsing: event.payload)
            try change(&value, event)
            return value.data
        }
    }

    /// A step that makes any number of events of one with a JSON payload.
    /// - Parameters:
    ///   - type: the event type as it was stored.
    ///   - schemaVersion: the schema version as it was stored.
    ///   - destinations: the schemas that `split` may give, a name alone for its version 1; one that is not among them is an error.
    ///   - split: gets the payload and the event as it is stored, and gives the events that it stands for, in their order. It must depend
    ///     on nothing else, and give the same each time.
    public init(
        from type: EventType, schemaVersion: UInt32, toAnyOf destinations: [EventSchema],
        split: @escaping @Sendable (JSONValue, RecordedEvent) throws -> [UpcastEvent]
    ) {
        self.init(from: EventSchema(type, version: schemaVersion), toAnyOf: destinations) { event in
            try split(try JSONValue(parsing: event.payload), event)
        }
    }

    /// A step that leads nowhere: events of this schema are passed over. For all versions of a type there is `EventCoder.ignoring(_:)`.
    public init(dropping type: EventType, schemaVersion: UInt32) {
        self.init(from: EventSchema(type, version: schemaVersion), toAnyOf: []) { _ in [] }
    }
}
