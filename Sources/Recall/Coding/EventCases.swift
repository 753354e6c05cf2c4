// The cases of an event enum, looked up by what is stored: by the key where keys name them, else one after the other.

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// How stored schemas become cases of an event enum.
struct EventCases<Fact: Event> {
    /// A case that a stored schema is of.
    enum Found {
        case key(Fact.CodingKeys)
        case payload(EventCase<Fact>)

        func decode(_ data: Data, with codec: any EventCodec) throws -> Fact {
            switch self {
            case .key(let key): try CasePayload<Fact>.decode(key, with: codec, from: data)
            case .payload(let match): try match.decode(codec, data)
            }
        }
    }

    /// Empty where keys name the cases. Built once, for a computed property would build it again for each look.
    private let payloads = Fact.isNamedByKeys ? [] : Fact.cases

    /// The case that is stored under a schema now; nil where none is.
    subscript(schema: EventSchema) -> Found? {
        if Fact.isNamedByKeys {
            guard let key = Fact.key(named: schema.type), Fact.schema(of: key).version == schema.version
            else { return nil }
            return .key(key)
        }
        for index in 0 ..< payloads.count
        where payloads[index].schemaVersion == schema.version && payloads[index].type == schema.type {
            return .payload(payloads[index])
        }
        return nil
    }

    /// The schema versions that a stored type has now.
    func versions(of type: EventType) -> [UInt32] {
        if Fact.isNamedByKeys { return Fact.key(named: type).map { [Fact.schema(of: $0).version] } ?? [] }
        return payloads.filter { $0.type == type }.map(\.schemaVersion)
    }

    /// What to do about a type that no case has.
    var remedy: String {
        Fact.isNamedByKeys
            ? "add a case for it to \(Fact.self) and its name to the CodingKeys"
            : "add EventCase(Self.…) for it to \(Fact.self).cases"
    }
}
