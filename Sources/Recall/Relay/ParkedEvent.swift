// An event that did not get through and was set aside, so that the others can go on. It stands for the later events of its
// graph as well: they wait behind it, and only the first is written down, since the store knows the others.

/// An event that a relay has set aside.
public struct ParkedEvent: Hashable, Sendable {
    /// Where the event is in the store.
    public var position: Position
    /// Its id, by which it is known that the store is the same.
    public var eventID: EventID
    /// The root of its graph. With `isHolding` every later event of the graph waits behind this one.
    public var rootID: AggregateID
    /// The kind of event.
    public var eventType: EventType
    /// How many times it was refused when it was delivered alone; 0 for one that has only waited behind another.
    public var attemptCount: Int
    /// Why it is here, in one sentence.
    public var reason: String
    /// What the router threw, as text; cut where it is long. Empty where nothing was thrown.
    public var cause: String
    /// When it was parked, or refused for the last time.
    public var time: Timestamp
    /// Whether later events of the graph wait behind it.
    public var isHolding: Bool
    /// How many do so far.
    public var heldEventCount: UInt64

    /// How many bytes of UTF-8 the reason holds at most.
    public static let reasonBytesMax = 512
    /// How many bytes of UTF-8 the cause holds at most.
    public static let causeBytesMax = 1024

    /// A parked event; texts that are too long are cut.
    public init(
        position: Position, eventID: EventID, rootID: AggregateID, eventType: EventType, attemptCount: Int,
        reason: String, cause: String, time: Timestamp, isHolding: Bool, heldEventCount: UInt64 = 0
    ) {
        self.position = position
        self.eventID = eventID
        self.rootID = rootID
        self.eventType = eventType
        self.attemptCount = attemptCount
        self.reason = Self.cut(reason, toBytes: Self.reasonBytesMax)
        self.cause = Self.cut(cause, toBytes: Self.causeBytesMax)
        self.time = time
        self.isHolding = isHolding
        self.heldEventCount = heldEventCount
    }

    /// The beginning of a text, in whole characters.
    static func cut(_ text: String, toBytes countMax: Int) -> String {
        guard text.utf8.count > countMax else { return text }
        let ellipsis = "…"
        var room = countMax - ellipsis.utf8.count
        var result = ""
        for character in text {
            room -= character.utf8.count
            if room < 0 { break }
            result.append(character)
        }
        return result + ellipsis
    }
}
