// One step of a payload from an older schema to a newer one. Stored events are never rewritten; they
// are brought up to date each time they are read.

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
public struct Upcaster: Sendable {
    /// The schema that the step begins at.
    public let source: EventSchema
    /// The schema that the step leads to.
    public let destination: EventSchema
    let transform: @Sendable (Data) throws -> Data

    /// A step that changes the bytes themselves, for codecs other than JSON.
    /// - Parameters:
    ///   - destination: where the step leads, which may be another event type.
    ///   - transform: gives the payload in the newer schema; what it throws is reported with the event.
    public init(
        from source: EventSchema, to destination: EventSchema,
        transform: @escaping @Sendable (Data) throws -> Data
    ) {
        self.source = source
        self.destination = destination
        self.transform = transform
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
        let next = newType == nil ? schemaVersion + 1 : 1
        self.init(
            from: EventSchema(type, version: schemaVersion),
            to: EventSchema(newType ?? type, version: newSchemaVersion ?? next)
        ) { data in
            var value = try JSONValue(parsing: data)
            try change(&value)
            return value.data
        }
    }
}
