// The identities that travel with every event. Each is a UUID with a type of its own, so that an
// event's id is never taken for an aggregate's.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A UUID with a meaning.
public protocol Identifier: Hashable, Sendable, Codable, CodingKeyRepresentable, Comparable,
    CustomStringConvertible
{
    /// The value itself, as it is stored: 16 bytes.
    var uuid: UUID { get }
    /// The identity with a known value. Any UUID will do, of any version.
    init(_ uuid: UUID)
    /// A new identity, unlike all others.
    init()
}

extension Identifier {
    /// A new random identity.
    public init() { self.init(UUID()) }

    /// The identity that `text` spells, or nil where it is no UUID. Upper and lower case are the same.
    public init?(_ text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        self.init(uuid)
    }

    public static func < (left: Self, right: Self) -> Bool { left.halves < right.halves }

    public static func == (left: Self, right: Self) -> Bool { left.halves == right.halves }

    /// Two words into the hash, which is faster than sixteen bytes.
    public func hash(into hasher: inout Hasher) {
        let (high, low) = halves
        hasher.combine(high)
        hasher.combine(low)
    }

    /// The identity in lower case, as the program prints it.
    public var description: String { uuid.uuidString.lowercased() }
}

/// Identifies an aggregate or a child entity, and with it the stream of its events.
public struct AggregateID: Identifier {
    /// The value itself. Two identities are the same when these 16 bytes are.
    public let uuid: UUID
    /// The identity with a known value, such as one from another system. Any UUID will do.
    public init(_ uuid: UUID) { self.uuid = uuid }
}

/// Identifies one event, so that appending it twice stores it once.
///
/// A new one, `EventID()`, is ordered by the time at which it was made. Any other UUID will do as well.
public struct EventID: Identifier {
    /// The value itself. Two identities are the same when these 16 bytes are.
    public let uuid: UUID
    /// The identity with a known value, such as one from another system. Any UUID will do.
    public init(_ uuid: UUID) { self.uuid = uuid }
}
