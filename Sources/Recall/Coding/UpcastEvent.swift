// What a step between schemas gives where it gives more than one event, or chooses: each with its schema, since they may differ.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An event that an `Upcaster` made of an older one: its schema and its payload. All else stays the stored event's.
public struct UpcastEvent: Sendable {
    /// What kind of event it is now.
    public var schema: EventSchema
    /// The payload in this schema, as the codec would have stored it.
    public var payload: Data

    /// An event with a payload of any encoding.
    public init(_ schema: EventSchema, payload: Data) {
        self.schema = schema
        self.payload = payload
    }

    /// An event with a JSON payload: `UpcastEvent("EmployeeMoved", ["city": old["city"]])`.
    /// - Parameter schemaVersion: of the payload, from 1.
    public init(_ type: EventType, schemaVersion: UInt32 = 1, _ payload: JSONValue = [:]) {
        self.init(EventSchema(type, version: schemaVersion), payload: payload.data)
    }
}
