// The facts that can happen to one kind of entity, as an enum, so that the compiler finds the case
// that `apply` forgot.
//
// There are two styles, and both store the same bytes. In the short one the cases have labelled values, and the compiler writes the
// coding (SE-0295): its one key is the stored name, the object at that key the payload. In the other each case holds a payload
// struct that knows its name. Which one it is follows from `CodingKeys`, and from nothing else.

/// All that can happen to an entity: an enum whose `CodingKeys` name the cases as they are stored.
///
///     enum CompanyEvent: Event {
///         case founded(name: String)
///         case hired(employeeID: AggregateID, name: String, title: String)
///
///         enum CodingKeys: String, CodingKey, CaseIterable {
///             case founded = "CompanyFounded", hired = "EmployeeHired"
///         }
///     }
///
/// Choose the names once: the cases may be renamed, the names stay as they were stored. A case whose key is missing is refused
/// when it is saved (`unregistered`), since the compiler does not find it. An enum that is public has public `CodingKeys`.
///
/// A case may hold a struct of its own instead, alone and without a label, which is stored as the struct is. And the cases of an
/// enum without `CodingKeys` hold one `EventPayload` each, whose type has the name; then `payload` and `cases` say so:
///
///     enum CompanyEvent: Event {
///         case founded(CompanyFounded)
///         case hired(EmployeeHired)
///
///         var payload: any EventPayload {
///             switch self {
///             case .founded(let payload): payload
///             case .hired(let payload): payload
///             }
///         }
///
///         static let cases = [EventCase(Self.founded), EventCase(Self.hired)]
///     }
public protocol Event: Codable, Sendable {
    /// The names under which the cases are stored: an enum of strings that is `CaseIterable`. Left out where payloads have them.
    associatedtype CodingKeys: CodingKey & Hashable = PayloadNames

    /// The payload that the case holds. Not written where there are `CodingKeys`.
    var payload: any EventPayload { get }

    /// How stored events become cases again. An event whose payload is not among them is refused when
    /// it is saved, so that nothing is stored that cannot be read. Not written where there are `CodingKeys`.
    static var cases: [EventCase<Self>] { get }

    /// The versions of the cases' schemas, from 1, for those that have had another. Raise one when old events no longer decode, and
    /// register an `Upcaster` that brings them up to date. Only where there are `CodingKeys`; payloads have `schemaVersion`.
    static var schemaVersions: [CodingKeys: UInt32] { get }

    /// Whether the aggregate ends with the event: nothing may happen to it or its children afterwards. Updates and saves of more are
    /// refused with `closed` then, and `Repository.load(_:)` says so, too. Of the root's own events only. False unless said otherwise;
    /// it must stay true for an event for which it once was.
    var isFinal: Bool { get }

    /// Tags to store with the event, such as `company:planet-express`: those of its payload unless said otherwise.
    var tags: [EventTag] { get }
}

extension Event {
    /// 1 for all, until an event says otherwise.
    public static var schemaVersions: [CodingKeys: UInt32] { [:] }

    /// Nothing ends, until an event says otherwise.
    public var isFinal: Bool { false }

    /// Whether `CodingKeys` name the cases.
    static var isNamedByKeys: Bool { CodingKeys.self != PayloadNames.self }

    /// The key that has a stored name, to the byte; nil where none has.
    static func key(named name: EventType) -> CodingKeys? {
        guard let key = CodingKeys(stringValue: name.rawValue),
            key.stringValue.hasSameBytes(as: name.rawValue)
        else { return nil }
        return key
    }

    /// The schema that a case is stored under.
    static func schema(of key: CodingKeys) -> EventSchema {
        EventSchema(EventType(key.stringValue), version: schemaVersions[key] ?? 1)
    }
}

extension Event where CodingKeys: CaseIterable & RawRepresentable, CodingKeys.RawValue == String {
    /// The event itself, as the codec is given it.
    public var payload: any EventPayload { CasePayload(self) }

    /// One for each key.
    public static var cases: [EventCase<Self>] { CodingKeys.allCases.map { EventCase(key: $0) } }

    /// None.
    public var tags: [EventTag] { [] }
}

extension Event where CodingKeys == PayloadNames {
    /// The payload's.
    public var tags: [EventTag] { payload.tags }

    /// Takes an object with one key, the stored name, and the payload there.
    /// - Throws: `DecodingError`, where the name is not that of a case, or the payload cannot be decoded.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PayloadNames.self)
        let names = container.allKeys
        guard names.count == 1, let name = names.first,
            let known = Self.cases.first(where: { PayloadNames($0.type) == name })
        else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription:
                        "An event of \(Self.self) is an object whose one key is the name of a case"))
        }
        self = try known.read(container.superDecoder(forKey: name))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: PayloadNames.self)
        let payload = payload
        try container.encode(payload, forKey: PayloadNames(type(of: payload).eventType))
    }
}
