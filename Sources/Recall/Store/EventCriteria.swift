// What events are about: their types and their tags. The form is that of dynamic consistency boundaries: items of which any may match,
// each with types of which any may be the event's and tags that the event must all have.
//
// Invariant: bytes decide, as with all names.

/// Which events are meant, by their types and tags: an event matches where it matches any of the items.
///
///     EventCriteria(.tagged("course:c1"), .types("StudentEnrolled"))
///
/// Without items nothing matches; an item that asks for nothing matches every event.
/// See <https://dcb.events/specification/>.
public struct EventCriteria: Hashable, Sendable {
    /// What an event must be to match.
    public struct Item: Hashable, Sendable {
        /// The event has one of these types; empty for any type.
        public var types: Set<EventType>
        /// The event has all of these tags.
        public var tags: Set<EventTag>

        /// An event matches when it has one of `types`, or any type where none is given, and all of `tags`.
        public init(types: Set<EventType> = [], tags: Set<EventTag> = []) {
            self.types = types
            self.tags = tags
        }

        /// Events of any of these types.
        public static func types(_ types: EventType...) -> Item { Item(types: Set(types)) }
        /// Events with all of these tags.
        public static func tagged(_ tags: EventTag...) -> Item { Item(tags: Set(tags)) }

        /// Whether an event of this type with these tags matches.
        public func matches(_ type: EventType, _ eventTags: [EventTag]) -> Bool {
            (types.isEmpty || types.contains(type)) && tags.allSatisfy { eventTags.contains($0) }
        }
    }

    /// An event matches where it matches any of these; nothing matches where there are none.
    public var items: [Item]

    /// Events that match any of the items.
    public init(_ items: [Item]) { self.items = items }

    /// Events that match any of the items.
    public init(_ items: Item...) { self.items = items }

    /// Every event.
    public static let all = EventCriteria(Item())

    /// Whether an event of this type with these tags matches.
    public func matches(_ type: EventType, _ tags: [EventTag]) -> Bool {
        items.contains { $0.matches(type, tags) }
    }

    /// Whether the event matches.
    public func matches(_ event: RecordedEvent) -> Bool { matches(event.type, event.tags) }

    /// What matches one of them or both.
    public func union(_ other: EventCriteria) -> EventCriteria {
        EventCriteria(items + other.items.filter { !items.contains($0) })
    }

    /// What matches and has all of these tags besides.
    public func tagged(_ tags: Set<EventTag>) -> EventCriteria {
        EventCriteria(items.map { Item(types: $0.types, tags: $0.tags.union(tags)) })
    }
}
